internal import Postgres
internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("The schema agents", .database)
struct IsolationTests {
    @Test("shows each tenant its own rows, in every table and view, and nobody's without a tenant")
    func rows() async throws {
        let relations = ["agent", "billable", "conversation", "conversion", "message", "run"]
        #expect(try await TestDatabase.current.administrator.query(SelectRelations()) == relations)
        let names = ["org_agents", "org_other"]
        var tenants: [TenantID] = []
        for name in names {
            let fixture = try await Fixture(organization: name)
            let attachment = try await fixture.ask(fixture.makeAgent())
            let draft = ConversionDraft(conversationID: attachment.identity.conversationID)
            _ = try await fixture.write { try await fixture.conversions.record(draft, in: $0) }
            tenants.append(fixture.tenantID)
        }
        let app = try TestDatabase.current.app
        for tenantID in tenants {
            let seen = try await app.query(
                CountByTenant(),
                settings: [SessionSetting(name: "app.tenant_id", value: tenantID.description)]
            )
            // Each relation has rows, all of them the tenant's.
            #expect(seen.map(\.relation) == relations)
            #expect(seen.allSatisfy { $0.tenantID == tenantID })
        }
        #expect(try await app.query(CountByTenant()).isEmpty)
        let administrator = try TestDatabase.current.administrator
        #expect(try await administrator.query(CountByTenant()).count == 2 * relations.count)
    }

    @Test("refuses a reference to another tenant's row")
    func references() async throws {
        let (fixture, other) = (try await Fixture(), try await Fixture(organization: "org_other"))
        let agent = try await fixture.makeAgent()
        let conditional = InsertConversation(
            tenantID: other.tenantID,
            id: .next(),
            agentID: agent.id,
            channel: .api,
            endUser: nil,
            attribution: nil,
            nextSequence: 1,
            createdAt: WallClock.system.now()
        )
        #expect(try await other.write { try await $0.execute(conditional) } == 0)
        #expect(try await fixture.write { try await $0.execute(conditional) } == 0)
        let insert = InsertConversationOf(agent: agent.id, tenantID: other.tenantID)
        let refusal = await #expect(throws: PostgresError.self) {
            try await other.write { try await $0.execute(insert) }
        }
        #expect(refusal?.sqlState == .foreignKeyViolation)
        let disguised = await #expect(throws: PostgresError.self) {
            try await fixture.write { try await $0.execute(insert) }
        }
        #expect(disguised?.sqlState == .insufficientPrivilege)
    }

    @Test("lets the worker see and renew leases, and nothing else of a run")
    func worker() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.ask(fixture.makeAgent())
        let worker = try TestDatabase.current.worker
        for statement in [
            "SELECT partial_answer FROM agents.run", "SELECT content FROM agents.message",
            "UPDATE agents.run SET state = 'completed', finished_at = now()", "DELETE FROM agents.run",
        ] {
            let refusal = await #expect(throws: PostgresError.self) { try await worker.unsafeScript(statement) }
            #expect(refusal?.sqlState == .insufficientPrivilege, "\(statement)")
        }
        #expect(try await fixture.reaper.reap() == 0)
    }
}

/// As `InsertConversation`, without looking for the agent.
private struct InsertConversationOf: Command {
    static let sql = """
        INSERT INTO agents.conversation (tenant_id, id, agent_id, channel, created_at, updated_at)
        VALUES ($1, gen_random_uuid(), $2, 'api', now(), now())
        """
    let agent: AgentID
    let tenantID: TenantID

    var bindings: Bindings { [tenantID, agent] }
}

private struct SelectRelations: Statement {
    static let sql = """
        SELECT relname::text FROM pg_class
        WHERE relnamespace = 'agents'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') ORDER BY 1
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct CountByTenant: Statement {
    static let sql = """
        SELECT DISTINCT 'agent', tenant_id FROM agents.agent
        UNION SELECT 'billable', tenant_id FROM agents.billable
        UNION SELECT 'conversation', tenant_id FROM agents.conversation
        UNION SELECT 'conversion', tenant_id FROM agents.conversion
        UNION SELECT 'message', tenant_id FROM agents.message
        UNION SELECT 'run', tenant_id FROM agents.run
        ORDER BY 1, 2
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (relation: String, tenantID: TenantID) {
        (try row.read(String.self), try row.read(TenantID.self))
    }
}
