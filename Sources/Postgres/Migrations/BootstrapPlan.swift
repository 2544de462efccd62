/// What an administrator would find in the database.
struct DatabaseInspection: Sendable {
    /// Quoted as an identifier.
    var name: String
    var hasVector: Bool
    /// Whether the administrator may `SET ROLE agentes_owner`.
    var canBecomeOwner: Bool
    var ownerCanCreateSchemas: Bool
    var ownerCanCreateInPublic: Bool
    /// Whether `agentes_owner` may give functions to `agentes_search`.
    var ownerIsInSearch: Bool
}

struct RoleInspection: Sendable {
    var name: String
    var canLogIn: Bool
    var bypassesRLS: Bool
    var isSuperuser: Bool
    /// `statement_timeout=30s`.
    var settings: [String]
}

/// The commands that bring a database from what it is to what it must be.
enum BootstrapPlan {
    /// - Parameter verifiers: SCRAM verifiers for the roles whose passwords must be set.
    static func commands(
        database: DatabaseInspection,
        roles: [RoleInspection],
        verifiers: [PostgresRole: String]
    ) -> [String] {
        var commands: [String] = []
        for role in PostgresRole.allCases {
            commands += self.commands(role, existing: roles.first { $0.name == role.rawValue }, verifiers[role])
        }
        if !database.canBecomeOwner { commands.append("GRANT agentes_owner TO CURRENT_USER") }
        if !database.ownerIsInSearch { commands.append("GRANT agentes_search TO agentes_owner") }
        if !database.ownerCanCreateSchemas {
            commands.append("GRANT CREATE ON DATABASE \(database.name) TO agentes_owner")
        }
        if !database.ownerCanCreateInPublic {
            commands.append("GRANT USAGE, CREATE ON SCHEMA public TO agentes_owner")
        }
        if !database.hasVector { commands.append("CREATE EXTENSION vector") }
        return commands
    }

    private static func commands(_ role: PostgresRole, existing: RoleInspection?, _ verifier: String?) -> [String] {
        var commands: [String] = []
        if let existing {
            if existing.canLogIn != role.canLogIn {
                commands.append("ALTER ROLE \(role.rawValue) \(role.canLogIn ? "LOGIN" : "NOLOGIN")")
            }
            if existing.bypassesRLS { commands.append("ALTER ROLE \(role.rawValue) NOBYPASSRLS") }
            if existing.isSuperuser { commands.append("ALTER ROLE \(role.rawValue) NOSUPERUSER") }
        } else {
            commands.append("CREATE ROLE \(role.rawValue) \(role.canLogIn ? "LOGIN" : "NOLOGIN")")
        }
        if let verifier {
            let literal = verifier.replacing("'", with: "''")
            commands.append("ALTER ROLE \(role.rawValue) PASSWORD '\(literal)'")
        }
        for setting in role.settings
        where existing?.settings.contains("\(setting.name)=\(setting.value)") != true {
            commands.append("ALTER ROLE \(role.rawValue) SET \(setting.name) = '\(setting.value)'")
        }
        return commands
    }
}

struct InspectDatabase: Statement {
    /// Privilege functions answer NULL for a role that does not exist.
    ///
    /// From Postgres 16 membership alone is not enough to `SET ROLE`.
    static let sql = """
        SELECT
            quote_ident(current_database()),
            EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'),
            coalesce(pg_has_role(current_user, to_regrole('agentes_owner'), CASE
                WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END), false),
            coalesce(has_database_privilege(to_regrole('agentes_owner'), current_database(), 'CREATE'), false),
            coalesce(has_schema_privilege(to_regrole('agentes_owner'), 'public', 'CREATE'), false),
            coalesce(pg_has_role(to_regrole('agentes_owner'), to_regrole('agentes_search'), 'MEMBER'), false)
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> DatabaseInspection {
        DatabaseInspection(
            name: try row.read(),
            hasVector: try row.read(),
            canBecomeOwner: try row.read(),
            ownerCanCreateSchemas: try row.read(),
            ownerCanCreateInPublic: try row.read(),
            ownerIsInSearch: try row.read()
        )
    }
}

struct InspectRoles: Statement {
    static let sql = """
        SELECT rolname, rolcanlogin, rolbypassrls, rolsuper, coalesce(rolconfig, '{}')
        FROM pg_roles WHERE rolname = ANY ($1)
        """

    var bindings: Bindings { [PostgresRole.allCases.map(\.rawValue)] }

    static func decode(_ row: inout RowReader) throws -> RoleInspection {
        RoleInspection(
            name: try row.read(),
            canLogIn: try row.read(),
            bypassesRLS: try row.read(),
            isSuperuser: try row.read(),
            settings: try row.read()
        )
    }
}

extension PostgresError {
    /// Another session changed the same catalogue row or made the same object in the same moment.
    var isConcurrentChange: Bool {
        switch sqlState {
        case .internalError?, .uniqueViolation?, .duplicateObject?, .serializationFailure?, .deadlockDetected?: true
        default: false
        }
    }
}
