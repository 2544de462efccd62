internal import Postgres
internal import Primitives
internal import Synchronization
internal import Testing

/// Clients of two organisations that write without pause, and remember every word they were given.
///
/// Each writing has its own Idempotency-Key and a mark by which its rows are found. Of those refused, every other one is
/// tried again with its key until it succeeds, the rest are given up.
final class Writers: Sendable {
    private enum Kind: CaseIterable {
        case agent, conversion, chat
    }

    private struct Writing: Sendable {
        let kind: Kind
        let mark: String
        let clientIndex: Int
        /// Of what was made, where a success said so; the same at every repetition.
        var ids: Set<String> = []
    }

    private struct State {
        var writings: [Writing] = []
        var refusals = 0
        var successes = 0
        var surprises: [String] = []
        var isStopped = false
    }

    private struct Client: Sendable {
        let api: APIClient
        let agentID: String
        let conversationID: String
    }

    private static let count = 24

    private let clients: [Client]
    private let state = Mutex(State())

    init(_ server: RunningServer) async throws {
        var clients: [Client] = []
        for _ in 0..<2 {
            let api = TestOrganization(server).admin
            let agentID = try await api.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
            let conversationID = try await api.chat(agentID, "Oi").conversationID
            clients.append(Client(api: api, agentID: agentID, conversationID: conversationID))
        }
        self.clients = clients
    }

    var refusals: Int { state.withLock(\.refusals) }
    /// Answers that no client should ever see.
    var surprises: [String] { state.withLock(\.surprises) }

    /// Returns when, after `stop`, all that is tried again has succeeded.
    func work() async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<Self.count {
                group.addTask {
                    var round = 0
                    while !self.state.withLock(\.isStopped) {
                        await self.write(index, round)
                        round += 1
                    }
                }
            }
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Returns when so many more have succeeded.
    func waitForSuccesses(_ more: Int) async throws {
        let goal = state.withLock(\.successes) + more
        try await poll("\(more) writings succeed") { state.withLock(\.successes) >= goal ? () : nil }
    }

    private func write(_ index: Int, _ round: Int) async {
        let kind = Kind.allCases[(index + round) % Kind.allCases.count]
        // Also the conversion's value: digits.
        var writing = Writing(kind: kind, mark: "\(index + 1)\(100_000 + round)", clientIndex: index % clients.count)
        let isPersistent = (index + round / 3) % 2 == 0
        let deadline = ContinuousClock.now + .seconds(60)
        repeat {
            switch await attempt(writing) {
            case .success(let id):
                writing.ids.insert(id)
                // Once more, now and then: the same answer, and no second effect.
                if isPersistent, round % 5 == 0, case .success(let again) = await attempt(writing) {
                    writing.ids.insert(again)
                }
                state.withLock { state in
                    state.successes += 1
                    state.writings.append(writing)
                }
                return
            case .refused:
                state.withLock { $0.refusals += 1 }
                try? await Task.sleep(for: .milliseconds(250))
            case .surprise(let what):
                state.withLock { state in
                    state.surprises.append(what)
                    state.writings.append(writing)
                }
                return
            }
        } while isPersistent && ContinuousClock.now < deadline
        state.withLock { $0.writings.append(writing) }
    }

    private enum Outcome {
        case success(id: String)
        case refused
        case surprise(String)
    }

    private func attempt(_ writing: Writing) async -> Outcome {
        let client = clients[writing.clientIndex]
        let (path, body): (String, JSON) =
            switch writing.kind {
            case .agent:
                (
                    "/api/v2/agents",
                    [
                        "name": .string(writing.mark), "description": "Escrita sob falhas.",
                        "system_prompt": "Você atende na loja.", "model_id": "local",
                    ]
                )
            case .conversion:
                (
                    "/api/v2/conversions",
                    ["conversation_id": .string(client.conversationID), "value": .string(writing.mark)]
                )
            case .chat:
                (
                    "/api/v2/agents/\(client.agentID)/chat/stream",
                    ["messages": [["role": "user", "content": .string(writing.mark)]], "streaming": false]
                )
            }
        do {
            let response = try await client.api.post(path, body, [("Idempotency-Key", "escrita-\(writing.mark)")])
            switch response.status {
            case 200, 201:
                let data = try response.data(response.status)
                guard let id = (data["id"] ?? data["message_id"])?.string else { return .surprise("\(response)") }
                return .success(id: id)
            case 503 where response.header("Retry-After").flatMap { Int($0) } ?? 0 >= 1: return .refused
            default: return .surprise("\(writing.kind): \(response) \(response.headers)")
            }
        } catch {
            return .surprise("\(writing.kind): \(error)")
        }
    }

    /// What a success named is there, exactly once; everything else at most once.
    func expectPromisesKept(in database: PostgresPool) async throws {
        let rows = try await database.query(SelectWritten())
        let written = Dictionary(grouping: rows, by: \.mark).mapValues { $0.map(\.id) }
        let writings = state.withLock(\.writings)
        #expect(writings.count { !$0.ids.isEmpty } >= 150)
        for writing in writings {
            let found = written[writing.mark] ?? []
            #expect(found.count <= 1, "\(writing) is there \(found.count) times")
            guard !writing.ids.isEmpty else { continue }
            #expect(writing.ids.count == 1, "\(writing): repeated with its key, it is another")
            #expect(Set(found) == writing.ids, "\(writing) was promised, and there is \(found)")
        }
    }
}

/// All that carries a mark: agents, conversions, and answers by their questions, each by the id that its client was told.
private struct SelectWritten: Statement {
    static let sql = """
        SELECT name, id::text FROM agents.agent
        UNION ALL
        SELECT trim_scale(value)::text, id::text FROM agents.conversion
        UNION ALL
        SELECT question.content, coalesce(answer.id::text, 'no answer')
        FROM agents.message AS question
        LEFT JOIN agents.run ON run.tenant_id = question.tenant_id AND run.user_message_id = question.id
        LEFT JOIN agents.message AS answer ON answer.tenant_id = run.tenant_id AND answer.id = run.answer_message_id
        WHERE question.role = 'user'
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (mark: String, id: String) {
        (try row.read(), try row.read())
    }
}
