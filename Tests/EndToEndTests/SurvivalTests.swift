internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// What is left when a server dies, and when it is asked to end.
@Suite("A server that ends")
struct SurvivalTests {
    @Test("kill -9 in the middle of 50 answers loses nothing that was promised and counts nothing twice")
    func killed() async throws {
        try await Program.deployed { program in
            // Two organisations, 25 conversations each, one answer each already there.
            let (organizations, chats, documentID) = try await program.serving(["LOCAL_PROVIDER_PACE_MS": "1000"]) {
                server in
                let organizations = [TestOrganization(server), TestOrganization(server)]
                let chats = try await Self.beginAnswers(organizations, count: 25)
                let documentID = try await Self.beginIndexing(organizations[0])
                server.kill()
                await server.waitUntilEnded()
                return (organizations, chats, documentID)
            }
            let database = program.database.administrator
            let interrupted = try await database.query(CountRuns())
            #expect(interrupted.first { $0.state == "running" }?.count == 50, "the answers were cut in the middle")
            #expect(try await database.query(CountUnfinishedDocuments()) == [1], "the indexing was cut in the middle")

            try await program.serving { server in
                try await poll("no run is running", within: .seconds(150)) {
                    try await database.query(CountRuns()).contains { $0.state == "running" } ? nil : ()
                }
                #expect(try await database.query(Disagreements()) == [], "the ledger and the messages disagree")
                #expect(try await database.query(BrokenConversations()) == [])
                let after = try await database.query(CountRuns())
                #expect(after.map { "\($0.state) \($0.count)" } == ["interrupted 50"])

                try await Self.goOn(chats, at: server)
                #expect(try await database.query(Disagreements()) == [], "the ledger and the messages disagree")
                #expect(try await database.query(BrokenConversations()) == [])
                let done = try await database.query(CountRuns())
                #expect(done.map { "\($0.state) \($0.count)" } == ["completed 50", "interrupted 50"])
                for organization in organizations {
                    let overview = try await organization.at(server).get("/api/v2/analytics?period=day").data()[
                        "overview"
                    ]
                    #expect(overview?["conversations_started"] == 25)
                    #expect(overview?["messages_in"] == 50 && overview?["messages_out"] == 25)
                }
                try await organizations[0].at(server).waitUntilReady(documentID: documentID, within: .seconds(150))
                #expect(try await database.query(Disagreements()) == [], "the document is counted once")
            }
        }
    }

    @Test("SIGTERM lets an answer that has begun finish, begins no request and no job meanwhile, and ends the process")
    func terminated() async throws {
        try await Program.deployed(["LOCAL_PROVIDER_PACE_MS": "75"]) { program in
            try await program.serving(allowing: ["draining"]) { server in
                let database = program.database.administrator
                let organization = TestOrganization(server)
                let client = organization.admin
                let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                let chat = try await client.openChat(agentID, .manyWords)
                server.terminate()
                try await poll("requests are refused") {
                    try await client.get("/api/v2/agents").status == 503 ? () : nil
                }
                // For more than two polls of a worker.
                try await database.execute(InsertChore())
                let frames = try await chat.frames(until: "done")
                let text = frames.compactMap(\.json).filter { $0["event"] == "answer" }.compactMap {
                    $0["data"]?.string
                }
                #expect(text.joined().contains("palavra 39"))
                await server.waitUntilEnded()
                let runs = try await database.query(CountRuns())
                #expect(runs.map { "\($0.state) \($0.count)" } == ["completed 1"])
                #expect(try await database.query(SelectChores()) == ["available 0"])
            }
        }
    }

    private struct Chat: Sendable {
        let organization: TestOrganization
        let agentID: String
        let conversationID: String
    }

    /// Begins so many answers in each organisation; returns when each has said something and none has ended.
    private static func beginAnswers(_ organizations: [TestOrganization], count: Int) async throws -> [Chat] {
        try await withThrowingTaskGroup(of: Chat.self) { group in
            for organization in organizations {
                let agentID = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                for _ in 0..<count {
                    group.addTask {
                        let chat = try await organization.admin.openChat(agentID, .minutesOfWords)
                        _ = try await chat.frames(until: "answer")
                        return Chat(organization: organization, agentID: agentID, conversationID: chat.conversationID)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Hands in a document whose indexing takes seconds.
    private static func beginIndexing(_ organization: TestOrganization) async throws -> String {
        let client = organization.admin
        let baseID = try await client.post("/api/v2/knowledge/bases", ["name": "Loja"]).id(201)
        let section = "## Seção\n\nA entrega leva nove dias úteis e o pagamento é à vista ou em doze vezes.\n\n"
        let content = Array(String(repeating: section, count: 5000).utf8)
        return try await client.upload(Upload(content: content, fields: [("knowledge_base_id", baseID)])).id(202)
    }

    private static func goOn(_ chats: [Chat], at server: RunningServer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for chat in chats {
                group.addTask {
                    let answer = try await chat.organization.at(server).chat(
                        chat.agentID,
                        "E agora?",
                        conversationID: chat.conversationID
                    )
                    #expect(answer.events.last == "done")
                }
            }
            try await group.waitForAll()
        }
    }
}

private struct CountRuns: Statement {
    static let sql = "SELECT state, count(*) FROM agents.run GROUP BY state ORDER BY state"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (state: String, count: Int) {
        (try row.read(), try row.read())
    }
}

private struct CountUnfinishedDocuments: Statement {
    static let sql = "SELECT count(*) FROM knowledge.document WHERE status NOT IN ('ready', 'failed')"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// What the ledger has and the business rows have not, or the other way round, with how often: one query.
private struct Disagreements: Statement {
    static let sql = """
        WITH fact AS (
            SELECT tenant_id, CASE role WHEN 'user' THEN 'message.in' ELSE 'message.out' END AS meter, id::text AS key
            FROM agents.message WHERE NOT is_imported
            UNION ALL
            SELECT tenant_id, 'conversation.started', id::text FROM agents.conversation
            UNION ALL
            SELECT tenant_id, 'document.indexed', id::text FROM knowledge.document WHERE indexed_at IS NOT NULL
        ), counted AS (
            SELECT tenant_id, meter, event_key AS key, sum(quantity) AS quantity FROM analytics.usage_event
            WHERE meter IN ('message.in', 'message.out', 'conversation.started', 'document.indexed')
            GROUP BY tenant_id, meter, event_key
        )
        SELECT meter || ' ' || key || ' ' || coalesce(quantity::text, 'not counted')
        FROM fact FULL JOIN counted USING (tenant_id, meter, key)
        WHERE fact.tenant_id IS NULL OR quantity IS DISTINCT FROM 1
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

/// Conversations whose messages have a gap, whose next place is taken, or that have an answer without a completed run or
/// a completed run without its answer.
private struct BrokenConversations: Statement {
    static let sql = """
        SELECT conversation.id::text
        FROM agents.conversation
        LEFT JOIN LATERAL (
            SELECT count(*) AS messages, max(seq) AS last FROM agents.message
            WHERE message.tenant_id = conversation.tenant_id AND message.conversation_id = conversation.id
        ) AS message ON true
        WHERE messages <> last OR next_seq <= last OR messages = 0
        UNION ALL
        SELECT run.conversation_id::text
        FROM agents.run LEFT JOIN agents.message
            ON message.tenant_id = run.tenant_id AND message.id = run.answer_message_id
        WHERE (run.state = 'completed') <> (message.id IS NOT NULL) OR message.run_id <> run.id
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct InsertChore: Command {
    static let sql = """
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts, unique_key)
        VALUES ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'default', 'webhooks.tend', '{}', 2, now(), 3, 'a')
        """
    var bindings: Bindings { [] }
}

private struct SelectChores: Statement {
    static let sql = "SELECT format('%s %s', state, attempt) FROM jobs.job WHERE unique_key = 'a'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
