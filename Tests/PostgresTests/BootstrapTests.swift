import Primitives
import TestSupport
import Testing

@testable import Postgres

@Suite("Bootstrap", .database, .serialized)
struct BootstrapTests {
    private func inspect(_ pool: PostgresPool) async throws -> [String] {
        let database = try #require(try await pool.queryFirst(InspectDatabase()))
        return BootstrapPlan.commands(
            database: database,
            roles: try await pool.query(InspectRoles()),
            verifiers: [:]
        )
    }

    private var bootstrap: Bootstrap {
        Bootstrap(
            appPassword: TestServer.password(of: .app),
            workerPassword: TestServer.password(of: .worker),
            logger: TestDatabase.logger
        )
    }

    struct SelectSettings: Statement {
        static let sql = "SELECT current_user::text, current_setting('statement_timeout')"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> (String, String) { (try row.read(), try row.read()) }
    }

    @Test("After it nothing is left to change, and the roles log in with their passwords and time-outs")
    func complete() async throws {
        let database = try TestDatabase.current
        #expect(try await inspect(database.administrator) == [])
        let app = try #require(try await database.app.queryFirst(SelectSettings()))
        #expect(app == ("agentes_app", "30s"))
        let worker = try #require(try await database.worker.queryFirst(SelectSettings()))
        #expect(worker == ("agentes_worker", "5min"))
        try await bootstrap.run(database.configuration())
    }

    /// A new database on the second server, whose roles no other test uses, with all but `vector`, which it lacks.
    private func withOtherServer(_ body: (PostgresConfiguration, PostgresPool) async throws -> Void) async throws {
        let name = "agentes_test_bootstrap"
        let server = PostgresConfiguration(url: try TestServer.tlsURL)
        try await PostgresPool.running(server, logger: TestDatabase.logger) { pool in
            try await pool.unsafeScript("DROP DATABASE IF EXISTS \(name)")
            try await pool.unsafeScript("CREATE DATABASE \(name)")
        }
        let configuration = PostgresConfiguration(url: try TestServer.tlsURL, database: name)
        try await runWithoutVector(configuration)
        let pool = PostgresPool(configuration: configuration, logger: TestDatabase.logger)
        async let running: Void = pool.run()
        try await body(configuration, pool)
        #expect(try await inspect(pool) == ["CREATE EXTENSION vector"])
        pool.shutDown()
        try await running
    }

    private func runWithoutVector(_ configuration: PostgresConfiguration) async throws {
        let error = await postgresError { try await bootstrap.run(configuration) }
        #expect(error?.sqlState == .featureNotSupported)
    }

    @Test("What somebody changed is put right, and nothing else")
    func repairs() async throws {
        try await withOtherServer { configuration, pool in
            try await pool.unsafeScript(
                "ALTER ROLE agentes_worker BYPASSRLS; ALTER ROLE agentes_worker SET statement_timeout = '1h'"
            )
            let changes = [
                "ALTER ROLE agentes_worker NOBYPASSRLS", "ALTER ROLE agentes_worker SET statement_timeout = '5min'",
                "CREATE EXTENSION vector",
            ]
            #expect(try await inspect(pool) == changes)
            try await runWithoutVector(configuration)
        }
    }

    @Test("From nothing, an administrator who is no superuser makes all roles and can become the owner")
    func fromNothing() async throws {
        try await withOtherServer { configuration, pool in
            try await pool.unsafeScript(
                """
                DROP OWNED BY agentes_owner, agentes_app, agentes_worker, agentes_search;
                DROP ROLE agentes_owner, agentes_app, agentes_worker, agentes_search;
                DROP ROLE IF EXISTS agentes_test_limited;
                CREATE ROLE agentes_test_limited LOGIN CREATEROLE PASSWORD 'limited';
                ALTER DATABASE agentes_test_bootstrap OWNER TO agentes_test_limited;
                """
            )
            var limited = configuration
            limited.user = "agentes_test_limited"
            limited.password = Redacted("limited")
            try await runWithoutVector(limited)
            try await PostgresPool.running(limited, logger: TestDatabase.logger) { pool in
                try await pool.unsafeScript(
                    "SET ROLE agentes_owner; CREATE SCHEMA made_by_owner; CREATE TABLE public.made_by_owner ()"
                )
            }
        }
    }

    @Test("A password that differs is set")
    func password() async throws {
        try await withOtherServer { configuration, pool in
            var app = configuration
            app.user = PostgresRole.app.rawValue
            app.password = TestServer.password(of: .app)
            #expect(await LibPQConnection.canConnect(app))
            try await pool.unsafeScript("ALTER ROLE agentes_app PASSWORD 'another'")
            #expect(await LibPQConnection.canConnect(app) == false)
            try await runWithoutVector(configuration)
            #expect(await LibPQConnection.canConnect(app))
        }
    }

    @Test("Several at once do not fail over the roles that they share")
    func concurrent() async throws {
        try await withOtherServer { configuration, pool in
            try await pool.unsafeScript(
                """
                ALTER ROLE agentes_app SET statement_timeout = '1h';
                ALTER ROLE agentes_worker SET statement_timeout = '1h';
                """
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try await runWithoutVector(configuration) } }
                try await group.waitForAll()
            }
        }
    }

    /// An administrator like those of hosted services: owns its database, makes roles, is no superuser.
    private func withLimitedAdministrator(
        _ body: (PostgresConfiguration, String) async throws -> Void
    ) async throws {
        let database = try TestDatabase.current
        let role = "limited_\(database.name)"
        try await database.administrator.unsafeScript(
            """
            CREATE ROLE \(role) LOGIN CREATEROLE PASSWORD 'limited';
            GRANT agentes_owner, agentes_app, agentes_worker, agentes_search TO \(role) WITH ADMIN OPTION;
            ALTER DATABASE \(database.name) OWNER TO \(role);
            """
        )
        var configuration = try database.configuration()
        configuration.user = role
        configuration.password = Redacted("limited")
        let result: Result<Void, any Error>
        do { result = .success(try await body(configuration, role)) } catch { result = .failure(error) }
        try await database.administrator.unsafeScript(
            "REASSIGN OWNED BY \(role) TO CURRENT_USER; DROP OWNED BY \(role); DROP ROLE \(role)"
        )
        try result.get()
    }

    @Test("An administrator who is no superuser gets what it may do done, and becomes the owner for the migrations")
    func limited() async throws {
        let database = try TestDatabase.current
        try await withLimitedAdministrator { configuration, role in
            try await database.administrator.unsafeScript(
                """
                REVOKE agentes_owner FROM \(role);
                GRANT agentes_owner TO \(role) WITH ADMIN OPTION;
                REVOKE CREATE ON DATABASE \(database.name) FROM agentes_owner;
                """
            )
            try await bootstrap.run(configuration)
            #expect(try await inspect(database.administrator) == [])
        }
    }

    @Test("What it may not do is an error that carries the SQL for somebody who may")
    func forbidden() async throws {
        let database = try TestDatabase.current
        try await withLimitedAdministrator { configuration, role in
            try await database.administrator.unsafeScript("DROP EXTENSION vector CASCADE")
            let error = await postgresError { try await bootstrap.run(configuration) }
            #expect(error?.code == .notPermitted)
            #expect(error?.reason == "CREATE EXTENSION vector;\n")
            try await database.administrator.unsafeScript(try #require(error?.reason))
            try await bootstrap.run(configuration)
        }
    }

    @Test("On an empty cluster every role is made before it is used")
    func plan() {
        let nothing = DatabaseInspection(
            name: "\"Odd name\"",
            hasVector: false,
            canBecomeOwner: false,
            ownerCanCreateSchemas: false,
            ownerCanCreateInPublic: false,
            ownerIsInSearch: false
        )
        let commands = BootstrapPlan.commands(database: nothing, roles: [], verifiers: [.app: "SCRAM-SHA-256$'"])
        #expect(
            commands == [
                "CREATE ROLE agentes_owner NOLOGIN",
                "CREATE ROLE agentes_app LOGIN",
                "ALTER ROLE agentes_app PASSWORD 'SCRAM-SHA-256$'''",
                "ALTER ROLE agentes_app SET statement_timeout = '30s'",
                "ALTER ROLE agentes_app SET idle_in_transaction_session_timeout = '10s'",
                "CREATE ROLE agentes_worker LOGIN",
                "ALTER ROLE agentes_worker SET statement_timeout = '5min'",
                "ALTER ROLE agentes_worker SET idle_in_transaction_session_timeout = '10s'",
                "CREATE ROLE agentes_search NOLOGIN",
                "GRANT agentes_owner TO CURRENT_USER",
                "GRANT agentes_search TO agentes_owner",
                "GRANT CREATE ON DATABASE \"Odd name\" TO agentes_owner",
                "GRANT USAGE, CREATE ON SCHEMA public TO agentes_owner",
                "CREATE EXTENSION vector",
            ]
        )
    }
}
