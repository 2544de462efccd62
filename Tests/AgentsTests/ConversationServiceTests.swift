internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("Conversations", .database)
struct ConversationServiceTests {
    private let first = PageRequest(limit: 100, after: nil)

    @Test("are listed newest first, by agent and by status")
    func list() async throws {
        try await Fixture(ScriptedProvider.answer(["Olá."])).running { fixture in
            let (agent, other) = (try await fixture.makeAgent(), try await fixture.makeAgent())
            var ids: [ConversationID] = []
            for asked in [agent, other, agent, agent] {
                ids.append(try await fixture.ask(asked).identity.conversationID)
            }
            let resolved = ids[2]
            _ = try await fixture.write {
                try await fixture.conversations.update(resolved, ConversationChanges(status: .resolved), in: $0)
            }
            func list(_ filter: ConversationFilter, limit: Int = 100) async throws -> [ConversationID] {
                var listed: [ConversationID] = []
                var cursor: PageCursor?
                repeat {
                    let page = try await fixture.conversations.conversations(
                        filter,
                        PageRequest(limit: limit, after: cursor),
                        in: fixture.tenantID
                    )
                    listed += page.items.map(\.id)
                    cursor = page.next
                } while cursor != nil
                return listed
            }
            #expect(try await list(ConversationFilter()) == ids.reversed())
            #expect(try await list(ConversationFilter(), limit: 1) == ids.reversed())
            #expect(try await list(ConversationFilter(agentID: agent.id), limit: 2) == [ids[3], ids[2], ids[0]])
            #expect(try await list(ConversationFilter(status: .resolved)) == [resolved])
            #expect(try await list(ConversationFilter(agentID: agent.id, status: .active)) == [ids[3], ids[0]])
        }
    }

    @Test("are changed in part; a wish for a person is told and observed once")
    func update() async throws {
        try await Fixture(ScriptedProvider.answer(["Olá."])).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            _ = await attachment.all()
            let id = attachment.identity.conversationID
            @Sendable func update(_ changes: ConversationChanges) async throws -> Conversation {
                try await fixture.write { try await fixture.conversations.update(id, changes, in: $0) }
            }
            let named = try await update(ConversationChanges(title: "Preço", metadata: JSONObject([("a", 1)])))
            #expect(named.title == "Preço" && named.status == .active)
            let asked = try await update(ConversationChanges(status: .humanRequested))
            #expect(asked.title == "Preço" && asked.metadata == JSONObject([("a", 1)]))
            _ = try await update(ConversationChanges(title: .some(nil), status: .humanRequested))
            let read = try await fixture.conversations.conversation(id, in: fixture.tenantID)
            #expect(read.title == nil && read.status == .humanRequested)
            #expect(try await Look.pendingEvents().count { $0 == "human_requested" } == 1)
            #expect(try await Look.ledger()["human.requested"]?.count == 1)
        }
    }

    @Test("that are deleted leave a shell that is counted and says nothing")
    func delete() async throws {
        try await Fixture(ScriptedProvider.answer(["Custa R$ 99."])).running { fixture in
            let agent = try await fixture.makeAgent()
            let attachment = try await fixture.ask(agent, "Sou a Ana")
            _ = await attachment.all()
            let id = attachment.identity.conversationID
            _ = try await fixture.write { try await fixture.conversations.delete(id, in: $0) }
            let tenantID = fixture.tenantID
            #expect(
                await code { try await fixture.conversations.conversation(id, in: tenantID) } == .conversationNotFound
            )
            #expect(
                await code { try await fixture.conversations.messages(of: id, first, in: tenantID) }
                    == .conversationNotFound
            )
            #expect(await code { try await fixture.runs.run(attachment.identity.runID, in: tenantID) } == .runNotFound)
            #expect(await code { try await fixture.ask(agent, in: id) } == .conversationNotFound)
            #expect(
                await code { try await fixture.write { try await fixture.conversations.delete(id, in: $0) } }
                    == .conversationNotFound
            )
            let list = try await fixture.conversations.conversations(ConversationFilter(), first, in: tenantID)
            #expect(list.items.isEmpty)
            #expect(try await Look.textOfConversations() == ["", ""])
            #expect(try await Look.disagreements() == [])
        }
    }
}
