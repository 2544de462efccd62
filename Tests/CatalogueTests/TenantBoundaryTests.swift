internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// The walls between tenants, tried by running into them as the roles that serve.
@Suite("The database refuses to cross tenants", .database)
struct TenantBoundaryTests {
    private static let first = TenantID.next()
    private static let second = TenantID.next()
    private static let agent = AgentID.next()

    /// An agent for the first tenant, put there by the application itself.
    private func makeAgent(_ database: TestDatabase) async throws {
        try await database.app.execute(
            InsertAgent(tenantID: Self.first, id: Self.agent),
            settings: [.tenant(Self.first)]
        )
    }

    @Test("Without a tenant the application sees no row, with another tenant neither, with the tenant it does")
    func reading() async throws {
        let database = try TestDatabase.current
        try await makeAgent(database)
        #expect(try await database.app.query(CountAgents()) == [0])
        #expect(try await database.app.query(CountAgents(), settings: [.tenant(Self.second)]) == [0])
        #expect(try await database.app.query(CountAgents(), settings: [.tenant(Self.first)]) == [1])
    }

    @Test("A row for another tenant is refused")
    func writing() async throws {
        let database = try TestDatabase.current
        let error = await #expect(throws: PostgresError.self) {
            try await database.app.execute(
                InsertAgent(tenantID: Self.first, id: .next()),
                settings: [.tenant(Self.second)]
            )
        }
        #expect(error?.sqlState == .insufficientPrivilege)
    }

    @Test("A foreign key to another tenant's row is refused")
    func foreignKey() async throws {
        let database = try TestDatabase.current
        try await makeAgent(database)
        let error = await #expect(throws: PostgresError.self) {
            try await database.app.execute(
                InsertConversation(tenantID: Self.second, agentID: Self.agent),
                settings: [.tenant(Self.second)]
            )
        }
        #expect(error?.sqlState == .foreignKeyViolation)
        try await database.app.execute(
            InsertConversation(tenantID: Self.first, agentID: Self.agent),
            settings: [.tenant(Self.first)]
        )
    }

    @Test(
        "The application and the worker cannot switch row-level security off, become another role or reach a partition",
        arguments: [
            "ALTER TABLE agents.agent DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE agents.agent NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY tenant ON agents.agent",
            "CREATE POLICY mine ON agents.agent USING (true)",
            "ALTER TABLE agents.agent OWNER TO current_user",
            "SET ROLE agentes_owner",
            "SET SESSION AUTHORIZATION agentes_owner",
            "ALTER ROLE current_user BYPASSRLS",
            "GRANT agentes_owner TO current_user",
            "SELECT count(*) FROM analytics.usage_key_0",
            "CREATE TABLE public.escape (id int)",
            "CREATE TABLE agents.escape (id int)",
            "UPDATE analytics.usage_event SET quantity = 0",
            "DELETE FROM analytics.usage_event",
            "TRUNCATE analytics.usage_event",
            "UPDATE tenancy.audit_entry SET actor_id = 'user_other'",
            "DELETE FROM tenancy.audit_entry",
            "TRUNCATE tenancy.audit_entry",
        ]
    )
    func escapes(_ command: String) async throws {
        let database = try TestDatabase.current
        for pool in [database.app, database.worker] {
            let error = await #expect(throws: PostgresError.self) { try await pool.unsafeScript(command) }
            #expect(error?.sqlState == .insufficientPrivilege, "\(String(describing: error))")
        }
    }

    @Test("row_security = off makes a query fail, not see")
    func rowSecurityOff() async throws {
        let database = try TestDatabase.current
        try await makeAgent(database)
        let error = await #expect(throws: PostgresError.self) {
            try await database.app.unsafeScript("SET LOCAL row_security = off; SELECT count(*) FROM agents.agent")
        }
        #expect(error?.sqlState == .insufficientPrivilege)
    }

    @Test("The ledger is append-only also for its owner")
    func ledger() async throws {
        let database = try TestDatabase.current
        for command in ["DELETE FROM analytics.usage_event", "TRUNCATE analytics.usage_event"] {
            await #expect(throws: PostgresError.self) {
                try await database.administrator.unsafeScript(
                    """
                    SET LOCAL ROLE agentes_owner;
                    INSERT INTO analytics.usage_event
                        (tenant_id, meter, occurred_at, event_id, source, event_key, quantity, metric_version)
                    VALUES (gen_random_uuid(), 'message.in', now(), gen_random_uuid(), 'message', 'x', 1, 1);
                    \(command)
                    """
                )
            }
        }
    }
}

extension SessionSetting {
    fileprivate static func tenant(_ id: TenantID) -> SessionSetting {
        SessionSetting(name: "app.tenant_id", value: id.description)
    }
}

private struct CountAgents: Statement {
    static let sql = "SELECT count(*) FROM agents.agent"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct InsertAgent: Command {
    let tenantID: TenantID
    let id: AgentID
    static let sql = """
        INSERT INTO agents.agent (tenant_id, id, name, description, system_prompt, model_id, temperature, max_tokens,
            tools, visibility, interface_config, goals, created_at, updated_at)
        VALUES ($1, $2, 'a', 'a', 'a', 'local', 0, 1, '[]', 'private', '{}', '[]', now(), now())
        """
    var bindings: Bindings { [tenantID, id] }
}

private struct InsertConversation: Command {
    let tenantID: TenantID
    let agentID: AgentID
    static let sql = """
        INSERT INTO agents.conversation (tenant_id, id, agent_id, channel, created_at, updated_at)
        VALUES ($1, $2, $3, 'api', now(), now())
        """
    var bindings: Bindings { [tenantID, ConversationID.next(), agentID] }
}
