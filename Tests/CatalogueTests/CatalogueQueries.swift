internal import Postgres

/// A list of names out of the catalogue.
///
/// Where a rule is checked, those that break it.
protocol CatalogueQuery: Statement where Row == String {}

extension CatalogueQuery {
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

/// Ordinary and partitioned tables of our schemas; partitions are told apart by `relispartition`.
private let ours = """
    class.relkind IN ('r', 'p') AND class.relnamespace IN (
        SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ) AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = class.oid AND deptype = 'e'
    )
    """
private let hasTenant = """
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = class.oid AND attname = 'tenant_id' AND NOT attisdropped)
    """
/// The name with its schema, also for `public`.
private let name = "class.relnamespace::regnamespace || '.' || class.relname"

struct TablesWithoutTenant: CatalogueQuery {
    static let sql = "SELECT \(name) FROM pg_class AS class WHERE \(ours) AND NOT \(hasTenant)"
}

struct TablesWithTenant: CatalogueQuery {
    static let sql = "SELECT \(name) FROM pg_class AS class WHERE \(ours) AND \(hasTenant)"
}

struct NullableTenants: CatalogueQuery {
    static let sql = """
        SELECT \(name) FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid AND attname = 'tenant_id'
        WHERE \(ours) AND (NOT attnotnull OR atttypid <> 'uuid'::regtype)
        """
}

struct TablesWithoutTenantInPrimaryKey: CatalogueQuery {
    static let sql = """
        SELECT \(name) FROM pg_class AS class
        WHERE \(ours) AND \(hasTenant) AND NOT EXISTS (
            SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indrelid = class.oid AND indisprimary AND attname = 'tenant_id'
        )
        """
}

struct UniqueIndexesWithoutTenant: CatalogueQuery {
    static let sql = """
        SELECT indexrelid::regclass::text FROM pg_class AS class JOIN pg_index ON indrelid = class.oid AND indisunique
        LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE \(ours) AND \(hasTenant) AND attname IS DISTINCT FROM 'tenant_id'
        """
}

struct ForeignKeysWithoutTenant: CatalogueQuery {
    static let sql = """
        SELECT conrelid::regclass || ': ' || conname
        FROM pg_constraint
        JOIN pg_attribute AS target ON target.attrelid = confrelid AND target.attname = 'tenant_id'
        LEFT JOIN pg_attribute AS source_key ON source_key.attrelid = conrelid AND source_key.attnum = conkey[1]
        LEFT JOIN pg_attribute AS target_key ON target_key.attrelid = confrelid AND target_key.attnum = confkey[1]
        WHERE contype = 'f'
            AND (source_key.attname IS DISTINCT FROM 'tenant_id' OR target_key.attname IS DISTINCT FROM 'tenant_id')
        """
}

struct UnprotectedTables: CatalogueQuery {
    static let sql = """
        SELECT \(name) FROM pg_class AS class
        WHERE \(ours) AND \(hasTenant) AND NOT (relrowsecurity AND relforcerowsecurity)
        """
}

/// Privileges of tables and of single columns.
private let grants = """
    (SELECT oid AS relation, acl.grantee, acl.privilege_type
     FROM pg_class, LATERAL aclexplode(relacl) AS acl
     UNION
     SELECT attrelid, acl.grantee, acl.privilege_type
     FROM pg_attribute, LATERAL aclexplode(attacl) AS acl) AS granted
    """

struct GrantsWithoutPolicy: CatalogueQuery {
    static let sql = """
        SELECT DISTINCT \(name) || ': ' || grantee::regrole
        FROM pg_class AS class JOIN \(grants) ON relation = class.oid
        WHERE \(ours) AND \(hasTenant) AND grantee <> 0 AND grantee <> relowner AND NOT EXISTS (
            SELECT FROM pg_policy WHERE polrelid = class.oid AND grantee = ANY (polroles)
        )
        """
}

struct PoliciesOfOthers: CatalogueQuery {
    static let sql = """
        SELECT polrelid::regclass || ': ' || polname FROM pg_policy
        WHERE NOT polpermissive OR EXISTS (
            SELECT FROM unnest(polroles) AS role
            WHERE role = 0 OR role::regrole::text
                NOT IN ('agentes_app', 'agentes_worker', 'agentes_search', 'agentes_owner')
        )
        """
}

struct TablesWithoutOwnerPolicy: CatalogueQuery {
    static let sql = """
        SELECT \(name) FROM pg_class AS class
        WHERE \(ours) AND \(hasTenant) AND NOT EXISTS (
            SELECT FROM pg_policy
            WHERE polrelid = class.oid AND polroles = ARRAY['agentes_owner'::regrole::oid] AND polcmd = '*'
                AND pg_get_expr(polqual, polrelid) = 'true' AND pg_get_expr(polwithcheck, polrelid) = 'true'
        )
        """
}

struct OtherApplicationPolicies: CatalogueQuery {
    static let sql = """
        SELECT polrelid::regclass || ': ' || polname FROM pg_policy
        WHERE 'agentes_app'::regrole = ANY (polroles) AND NOT (
            polroles = ARRAY['agentes_app'::regrole::oid] AND polcmd = '*'
            AND pg_get_expr(polqual, polrelid)
                = '(tenant_id = ( SELECT tenancy.current_tenant() AS current_tenant))'
            AND pg_get_expr(polwithcheck, polrelid) = pg_get_expr(polqual, polrelid)
        )
        """
}

struct TablesWithPolicy: CatalogueQuery {
    let role: String
    static let sql = """
        SELECT \(name) FROM pg_class AS class
        WHERE EXISTS (SELECT FROM pg_policy WHERE polrelid = class.oid AND $1::text::regrole = ANY (polroles))
        """
    var bindings: Bindings { [role] }
}

struct PrivilegesOnPartitions: CatalogueQuery {
    static let sql = """
        SELECT DISTINCT \(name) || ': ' || grantee::regrole FROM pg_class AS class JOIN \(grants) ON relation = class.oid
        WHERE relispartition AND grantee <> relowner
        """
}

struct PublicPrivileges: CatalogueQuery {
    static let sql = """
        SELECT DISTINCT \(name) || ': ' || privilege_type FROM pg_class AS class JOIN \(grants) ON relation = class.oid
        WHERE \(ours) AND grantee = 0
        """
}

struct PowerfulRoles: CatalogueQuery {
    static let sql = """
        SELECT rolname::text FROM pg_roles
        WHERE rolname LIKE 'agentes\\_%' AND (
            rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
            OR EXISTS (
                -- The owner may be the search role, to hand it its functions.
                SELECT FROM pg_auth_members WHERE member = pg_roles.oid
                    AND NOT (rolname = 'agentes_owner' AND roleid = 'agentes_search'::regrole)
            )
        )
        """
}

struct LoginRoles: CatalogueQuery {
    static let sql = "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'agentes\\_%' AND rolcanlogin"
}

struct OwnedByOthers: CatalogueQuery {
    static let sql = """
        SELECT \(name) FROM pg_class AS class
        WHERE (\(ours) OR relkind IN ('v', 'm', 'S') AND relnamespace IN (
            SELECT relnamespace FROM pg_class AS class WHERE \(ours)
        )) AND relowner <> 'agentes_owner'::regrole
        UNION ALL
        SELECT pg_proc.oid::regprocedure::text FROM pg_proc
        WHERE pronamespace IN (SELECT relnamespace FROM pg_class AS class WHERE \(ours))
            AND pronamespace <> 'public'::regnamespace
            AND proowner NOT IN ('agentes_owner'::regrole, 'agentes_search'::regrole)
        """
}

struct OwnedByLogins: CatalogueQuery {
    static let sql = """
        SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
        WHERE deptype = 'o' AND refobjid IN ('agentes_app'::regrole, 'agentes_worker'::regrole)
            AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
}

private let definers = """
    pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE prosecdef AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    """

struct DefinerFunctions: CatalogueQuery {
    static let sql = """
        SELECT proowner::regrole || ': ' || pg_proc.oid::regprocedure FROM \(definers)
        """
}

struct DefinersWithoutSearchPath: CatalogueQuery {
    static let sql = """
        SELECT pg_proc.oid::regprocedure::text FROM \(definers)
            AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)
        """
}

struct DefinersForEverybody: CatalogueQuery {
    static let sql = """
        SELECT pg_proc.oid::regprocedure::text FROM \(definers)
            AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))
        """
}

struct DefinerViews: CatalogueQuery {
    static let sql = """
        SELECT \(name) FROM pg_class AS class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('v', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
            AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
        """
}

struct Extensions: CatalogueQuery {
    static let sql = "SELECT extname::text FROM pg_extension"
}
