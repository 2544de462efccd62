internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("The audit log", .database) struct AuditTests {
    private let tenantID = TenantID(clerkOrganizationID: "org_loja")
    private let ana = Origin(
        Principal.Actor(.user, "user_ana"),
        address: ClientAddress("2001:db8::7"),
        requestID: RequestID.next()
    )
    private let key = Origin(Principal.Actor(.key, APIKeyID.next().description), address: ClientAddress("192.0.2.9"))

    private func database() throws -> TenantDatabase {
        TenantDatabase(pool: try TestDatabase.current.app)
    }

    private func log(
        _ filter: AuditFilter = AuditFilter(),
        limit: Int = 100,
        after: PageCursor? = nil
    ) async throws -> Page<AuditEntry> {
        try await database().auditLog(filter, PageRequest(limit: limit, after: after), of: tenantID)
    }

    private func write(_ action: AuditAction, of target: String, by origin: Origin, details: JSON = [:]) async throws {
        try await database().transaction(in: tenantID, by: origin) {
            try await $0.audit(action, of: target, details: details)
        }
    }

    @Test("A line says who, from where and in which request: as the transaction was opened")
    func origin() async throws {
        try await write(.agentUpdated, of: "agent_1", by: ana, details: ["fields": ["name"]])
        let entry = try #require(try await log().items.first)
        #expect(entry.actor == Principal.Actor(.user, "user_ana"))
        #expect(entry.address == "2001:db8::7" && entry.requestID == ana.requestID)
        #expect(entry.action == .agentUpdated && entry.action.targetKind == "agent" && entry.targetID == "agent_1")
        #expect(entry.details == ["fields": ["name"]])
    }

    @Test("What nobody is named for is put down to the server itself")
    func system() async throws {
        try await database().transaction(in: tenantID) { try await $0.audit(.agentDeleted, of: "agent_1") }
        let entry = try #require(try await log().items.first)
        #expect(entry.actor.kind == .system && entry.address == nil && entry.requestID == nil)
    }

    @Test("A line is rolled back with its effect")
    func rollback() async throws {
        struct Regret: Error {}
        await #expect(throws: Regret.self) {
            try await database().transaction(in: tenantID, by: ana) { transaction in
                try await transaction.audit(.agentCreated, of: "agent_1")
                throw Regret()
            }
        }
        #expect(try await log().items.isEmpty)
    }

    @Test("Every action and every kind of actor can be written and read")
    func all() async throws {
        for action in AuditAction.allCases { try await write(action, of: "x", by: ana) }
        for kind in Principal.Actor.Kind.allCases {
            try await write(.settingsUpdated, of: "x", by: Origin(Principal.Actor(kind, "a_\(kind)")))
        }
        let items = try await log().items
        #expect(Set(items.map(\.action)) == Set(AuditAction.allCases))
        #expect(Set(items.map(\.actor.kind)) == Set(Principal.Actor.Kind.allCases))
    }

    @Test("The log is read newest first, in pages, and by actor, action, target and time")
    func filters() async throws {
        for number in 1...7 {
            try await write(
                number == 4 ? .agentDeleted : .agentUpdated,
                of: "agent_\(number % 2)",
                by: number < 3 ? key : ana
            )
        }
        let all = try await log().items
        #expect(all.count == 7)
        #expect(all.map(\.occurredAt) == all.map(\.occurredAt).sorted(by: >))
        var paged: [AuditEntry] = []
        var cursor: PageCursor?
        repeat {
            let page = try await log(limit: 3, after: cursor)
            paged += page.items
            cursor = page.next
        } while cursor != nil
        #expect(paged == all)

        func ids(_ filter: AuditFilter) async throws -> [AuditEntryID] { try await log(filter).items.map(\.id) }
        func expected(_ isWanted: (AuditEntry) -> Bool) -> [AuditEntryID] { all.filter(isWanted).map(\.id) }
        #expect(try await ids(AuditFilter(actorID: key.actor.id)) == expected { $0.actor == key.actor })
        #expect(try await ids(AuditFilter(action: .agentDeleted)) == expected { $0.action == .agentDeleted })
        #expect(try await ids(AuditFilter(targetID: "agent_0")) == expected { $0.targetID == "agent_0" })
        let both = AuditFilter(actorID: "user_ana", action: .agentUpdated, targetID: "agent_1")
        #expect(
            try await ids(both)
                == expected { $0.actor == ana.actor && $0.action == .agentUpdated && $0.targetID == "agent_1" }
        )
        let (from, to) = (all[4].occurredAt, all[1].occurredAt)
        #expect(
            try await ids(AuditFilter(since: from, until: to))
                == expected { $0.occurredAt >= from && $0.occurredAt < to }
        )
    }

    @Test("Another tenant sees none of it and can write none into it")
    func otherTenant() async throws {
        try await write(.agentCreated, of: "agent_1", by: ana)
        let other = TenantID(clerkOrganizationID: "org_outra")
        let seen = try await database().auditLog(AuditFilter(), PageRequest(limit: 100, after: nil), of: other)
        #expect(seen.items.isEmpty)
        let error = await #expect(throws: PostgresError.self) {
            try await database().query(ForgeEntry(tenantID: other), in: tenantID)
        }
        #expect(error?.sqlState == .insufficientPrivilege)
    }

    @Test("Nothing is changed or taken away, not by the application and not by the worker, who sees nothing either")
    func appendOnly() async throws {
        try await write(.agentCreated, of: "agent_1", by: ana)
        let changes = [
            "UPDATE tenancy.audit_entry SET actor_id = 'user_bia'", "DELETE FROM tenancy.audit_entry",
            "TRUNCATE tenancy.audit_entry",
            "INSERT INTO tenancy.audit_entry SELECT * FROM tenancy.audit_entry ON CONFLICT (tenant_id, id) "
                + "DO UPDATE SET actor_id = 'user_bia'",
        ]
        let database = try TestDatabase.current
        for pool in [database.app, database.worker] {
            for change in changes {
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.unsafeScript(
                        "SELECT set_config('app.tenant_id', '\(tenantID)', true); \(change)"
                    )
                }
                #expect(error?.sqlState == .insufficientPrivilege, "\(change): \(String(describing: error))")
            }
        }
        let error = await #expect(throws: PostgresError.self) {
            try await database.worker.unsafeScript("SELECT count(*) FROM tenancy.audit_entry")
        }
        #expect(error?.sqlState == .insufficientPrivilege)
        #expect(try await log().items.map(\.actor.id) == ["user_ana"])
    }
}

private struct ForgeEntry: Command {
    static let sql = """
        INSERT INTO tenancy.audit_entry (tenant_id, id, actor_kind, actor_id, action, target_id)
        VALUES ($1, gen_random_uuid(), 'user', 'user_ana', 'agent.created', 'x')
        """
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
}
