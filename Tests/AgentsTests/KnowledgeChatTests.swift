internal import Knowledge
internal import Postgres
internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents
@testable internal import Jobs

@Suite("A chat with knowledge", .database)
struct KnowledgeChatTests {
    @Test("shows its sources before the answer that quotes them, and stores them with it")
    func sources() async throws {
        try await Fixture().running { fixture in
            let base = try await fixture.write {
                try await KnowledgeBaseService().create(name: "Planos", description: "", in: $0)
            }
            let name = String(repeating: "Tabela de preços ", count: 15) + ".md"
            let document = try await Self.index(
                "# Plano Essencial\n\nO plano essencial custa R$ 99 por mês.",
                named: name,
                in: base.id,
                fixture
            )
            let agent = try await fixture.makeAgent(model: "local", knowledgeBaseID: base.id)
            let attachment = try await fixture.ask(agent, "Quanto custa o plano essencial?")
            let events = await attachment.all()
            #expect(events.statuses == [.started, .searchingKnowledge, .generating])
            let source = try #require(events.sources.first)
            #expect(source.documentID == document && source.knowledgeBaseID == base.id)
            #expect(source.excerpt.contains("R$ 99") && (0...1).contains(source.score))
            #expect(name.hasPrefix(source.name.dropLast()) && source.name.hasSuffix("…"))
            let places = events.map { event in
                switch event.payload {
                case .source: 1
                case .answer: 2
                case .metadata: 3
                case .done: 4
                case .progress, .error: 0
                }
            }.filter { $0 > 0 }
            #expect(places == places.sorted())
            #expect(events.answer.contains("R$ 99 por mês"))
            #expect(events.metadata?.sourcesCount == events.sources.count)
            let messages = try await fixture.conversations.messages(
                of: attachment.identity.conversationID,
                PageRequest(limit: 1, after: nil),
                in: fixture.tenantID
            )
            #expect(messages.items.first?.sources.first?["content_excerpt"]?.string == source.excerpt)
        }
    }

    @Test("goes on without knowledge when the base was deleted")
    func deletedBase() async throws {
        try await Fixture().running { fixture in
            let base = try await fixture.write {
                try await KnowledgeBaseService().create(name: "Planos", description: "", in: $0)
            }
            let agent = try await fixture.makeAgent(model: "local", knowledgeBaseID: base.id)
            try await fixture.write { try await KnowledgeBaseService().delete(base.id, in: $0) }
            let events = try await fixture.ask(agent).all()
            #expect(events.sources.isEmpty && events.done != nil)
            // What it named before may stay when it is changed otherwise.
            var changes = AgentChanges()
            changes.name = "Outro"
            let changed = try await fixture.write { [changes] in
                try await fixture.agents.update(agent.id, changes, in: $0)
            }
            #expect(changed.definition.knowledgeBaseID == base.id)
        }
    }

    /// Stores a document as an upload does, and waits until it can be found.
    private static func index(
        _ text: String,
        named name: String,
        in base: KnowledgeBaseID,
        _ fixture: Fixture
    ) async throws -> DocumentID {
        let originals = PostgresOriginalStore(database: fixture.database)
        let uploads = DocumentUploads(database: fixture.database, originals: originals)
        let (pieces, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        continuation.yield(Array(text.utf8))
        continuation.finish()
        let received = try await uploads.receive(
            pieces,
            name: name,
            kind: .markdown,
            origin: .text,
            into: base,
            of: fixture.tenantID
        )
        let document = try await fixture.write { try await uploads.accept(received, within: PlanLimits(), in: $0) }
        var handlers = JobHandlers()
        DocumentIndexer(originals: originals) { _ in }.register(in: &handlers)
        let queue = JobWorkerConfiguration.Queue(.documents, slots: 1)
        let worker = JobWorker(
            JobWorkerConfiguration(queues: [queue]),
            handlers: handlers,
            database: fixture.database,
            pool: try TestDatabase.current.worker,
            name: "test",
            observe: { _ in }
        )
        for job in try await worker.claim(from: queue, slots: 1) { await worker.execute(job) }
        return document.id
    }
}
