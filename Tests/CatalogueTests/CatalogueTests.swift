internal import Postgres
internal import TestSupport
internal import Testing

/// The rules of tenancy, read out of the catalogue of a migrated database, so that they hold for every table there is
/// and for every one that comes.
@Suite("The catalogue keeps tenants apart", .database)
struct CatalogueTests {
    /// What has no tenant: the platform's own.
    static let platformTables: Set = [
        "analytics.ledger_clock", "analytics.price", "models.model", "public.schema_migration",
        "tenancy.plan",
        // People and their sessions, who belong to no tenant.
        "tenancy.ended_session", "tenancy.user_account",
    ]

    /// Functions that run as their owner, whom row-level security would let see more than the caller.
    static let definerFunctions: Set = [
        "agentes_owner: analytics.ensure_partitions(timestamp with time zone)",
        "agentes_owner: jobs.drop_partitions(timestamp with time zone)",
        "agentes_owner: jobs.ensure_partitions(timestamp with time zone)",
        "agentes_search: knowledge.search_lexical(text,uuid[],double precision,integer)",
    ]

    /// Tables whose rows of all tenants the worker sees: those of its loops; of Clerk's events those of no tenant.
    static let workerTables: Set = [
        "agents.run", "events.event", "events.log", "events.pending", "jobs.dead", "jobs.finished", "jobs.job",
        "jobs.tick", "tenancy.clerk_event", "tenancy.revocation", "tenancy.ticket", "webhooks.attempt",
        "webhooks.delivery", "webhooks.endpoint", "webhooks.message", "webhooks.replay",
    ]

    /// Tables whose rows of all tenants the owner of the search functions sees.
    static let searchTables: Set = ["knowledge.chunk", "knowledge.document"]

    private func expectNone<S: Statement>(_ statement: S, _ rule: Comment) async throws where S.Row == String {
        let offenders = try await TestDatabase.current.administrator.query(statement)
        #expect(offenders == [], rule)
    }

    private func names<S: Statement>(_ statement: S) async throws -> Set<String> where S.Row == String {
        Set(try await TestDatabase.current.administrator.query(statement))
    }

    @Test("Every table but the platform's own belongs to tenants")
    func tablesWithoutTenant() async throws {
        let without = try await names(TablesWithoutTenant())
        #expect(without == Self.platformTables)
        #expect(try await names(TablesWithTenant()).count >= 20, "the catalogue is read")
    }

    @Test("The tenant comes first in every primary key and every unique index, and is never null")
    func keys() async throws {
        try await expectNone(TablesWithoutTenantInPrimaryKey(), "tenant_id must be first in the primary key")
        try await expectNone(UniqueIndexesWithoutTenant(), "tenant_id must be first in unique indexes")
        try await expectNone(NullableTenants(), "tenant_id must be uuid NOT NULL")
    }

    @Test("Foreign keys between tenants' tables begin with the tenant on both sides")
    func foreignKeys() async throws {
        try await expectNone(ForeignKeysWithoutTenant(), "a key without tenant can point at another tenant's row")
    }

    @Test("Row-level security is on and forced, on partitions too")
    func rowLevelSecurity() async throws {
        try await expectNone(UnprotectedTables(), "ENABLE and FORCE ROW LEVEL SECURITY are missing")
    }

    @Test("Who may touch a table has a policy on it, and policies are for our roles by name")
    func policies() async throws {
        try await expectNone(
            GrantsWithoutPolicy(),
            "a role with a privilege and no policy sees nothing, or is a mistake"
        )
        try await expectNone(
            PoliciesOfOthers(),
            "policies name agentes_app, agentes_worker, agentes_search or agentes_owner"
        )
        try await expectNone(TablesWithoutOwnerPolicy(), "without it data migrations change nothing, silently")
    }

    @Test("The application's policy compares the row's tenant with the transaction's, for reading and for writing")
    func applicationPolicies() async throws {
        try await expectNone(OtherApplicationPolicies(), "every policy TO agentes_app is the tenant's")
    }

    @Test("The worker and the search see all tenants only where that is listed")
    func crossTenantPolicies() async throws {
        let (worker, search) = try await (
            names(TablesWithPolicy(role: "agentes_worker")), names(TablesWithPolicy(role: "agentes_search"))
        )
        #expect(worker == Self.workerTables)
        #expect(search == Self.searchTables)
    }

    @Test("Nobody has a privilege on a partition, and PUBLIC has none on anything")
    func privileges() async throws {
        try await expectNone(PrivilegesOnPartitions(), "a partition is reached through its table only")
        try await expectNone(PublicPrivileges(), "PUBLIC is everybody")
    }

    @Test("Our roles are no superusers, pass no row-level security, and none can become a more powerful one")
    func roles() async throws {
        let roles = try await TestDatabase.current.administrator.query(PowerfulRoles())
        #expect(roles.isEmpty)
        let logins = try await names(LoginRoles())
        #expect(logins == ["agentes_app", "agentes_worker"])
    }

    @Test("agentes_owner owns everything; the application and the worker own nothing")
    func ownership() async throws {
        try await expectNone(OwnedByOthers(), "owned by agentes_owner, but for the search functions")
        try await expectNone(OwnedByLogins(), "an owner can switch row-level security off")
    }

    @Test("Functions that run as their owner are the listed ones, with a fixed search_path")
    func definerFunctions() async throws {
        let functions = try await names(DefinerFunctions())
        #expect(functions == Self.definerFunctions)
        try await expectNone(
            DefinersWithoutSearchPath(),
            "search_path of a definer function must be pg_catalog, pg_temp"
        )
        try await expectNone(DefinersForEverybody(), "EXECUTE of a definer function must be granted by name")
    }

    @Test("Views look with the eyes of whoever asks")
    func views() async throws {
        try await expectNone(DefinerViews(), "a view without security_invoker shows every tenant")
    }

    @Test("The only extension is vector")
    func extensions() async throws {
        #expect(try await names(Extensions()).subtracting(["plpgsql"]) == ["vector"])
    }
}
