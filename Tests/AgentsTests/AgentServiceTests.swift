internal import Knowledge
internal import Postgres
internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("Agents", .database)
struct AgentServiceTests {
    @Test("are kept as they were written, changed in part, replaced and deleted")
    func life() async throws {
        let fixture = try await Fixture()
        let base = try await fixture.write {
            try await KnowledgeBaseService().create(name: "Planos", description: "", in: $0)
        }
        var definition = AgentDefinition(
            name: "Vendas",
            description: "Atende",
            systemPrompt: "Você vende planos.",
            modelID: "local",
            temperature: 0.3,
            maxTokens: 512,
            tools: JSONText(["search", ["type": "http"]]),
            visibility: .public,
            knowledgeBaseID: base.id,
            interfaceConfig: JSONText(["color": "#fff", "nested": ["a": [1, 2.5, nil]]]),
            goals: JSONText([["name": "venda"]])
        )
        let made = try await fixture.write { [definition] in try await fixture.agents.create(definition, in: $0) }
        #expect(try await fixture.agents.agent(made.id, in: fixture.tenantID) == made)
        #expect(made.definition == definition)

        var changes = AgentChanges()
        changes.name = "Suporte"
        changes.knowledgeBaseID = .some(nil)
        let changed = try await fixture.write { [changes] in
            try await fixture.agents.update(made.id, changes, in: $0)
        }
        definition.name = "Suporte"
        definition.knowledgeBaseID = nil
        #expect(changed.definition == definition)
        #expect(changed.createdAt == made.createdAt && changed.updatedAt > made.updatedAt)

        let other = AgentDefinition(name: "B", description: "b", systemPrompt: "Outro agente", modelID: "scripted")
        let replaced = try await fixture.write { try await fixture.agents.replace(made.id, other, in: $0) }
        #expect(replaced.definition == other)
        #expect(try await fixture.agents.agent(made.id, in: fixture.tenantID) == replaced)

        try await fixture.write { try await fixture.agents.delete(made.id, in: $0) }
        #expect(await code { try await fixture.agents.agent(made.id, in: fixture.tenantID) } == .agentNotFound)
        #expect(
            await code { try await fixture.write { try await fixture.agents.delete(made.id, in: $0) } }
                == .agentNotFound
        )
        let refusal = await code { [changes] in
            try await fixture.write { try await fixture.agents.update(made.id, changes, in: $0) }
        }
        #expect(refusal == .agentNotFound)
    }

    @Test("are listed newest first, page by page, without the deleted ones")
    func list() async throws {
        let fixture = try await Fixture()
        var made: [Agent] = []
        for _ in 0..<5 { made.append(try await fixture.makeAgent()) }
        let deleted = made.remove(at: 2)
        try await fixture.write { try await fixture.agents.delete(deleted.id, in: $0) }
        var listed: [AgentID] = []
        var sizes: [Int] = []
        var cursor: PageCursor?
        repeat {
            let page = try await fixture.agents.agents(PageRequest(limit: 2, after: cursor), in: fixture.tenantID)
            listed += page.items.map(\.id)
            sizes.append(page.items.count)
            cursor = page.next
        } while cursor != nil
        #expect(listed == made.reversed().map(\.id))
        #expect(sizes == [2, 2])
    }

    @Test("name a model and a knowledge base that are there")
    func references() async throws {
        let fixture = try await Fixture()
        let unknown = AgentDefinition(name: "A", description: "a", systemPrompt: "Um agente", modelID: "gpt-0")
        do {
            _ = try await fixture.write { try await fixture.agents.create(unknown, in: $0) }
            Issue.record("an unknown model was taken")
        } catch let fault as Fault {
            #expect(fault.code == .unknownModel)
            #expect(fault.problems.map(\.field) == ["model_id"])
            // Offered are the models whose provider is there.
            #expect(fault.text.english.hasSuffix("local, scripted."))
        }

        let other = try await Fixture(organization: "org_other")
        let foreign = try await other.write {
            try await KnowledgeBaseService().create(name: "Alheia", description: "", in: $0)
        }
        let agent = try await fixture.makeAgent()
        var changes = AgentChanges()
        for base in [foreign.id, KnowledgeBaseID.next()] {
            changes.knowledgeBaseID = base
            let refusal = await code { [changes] in
                try await fixture.write { try await fixture.agents.update(agent.id, changes, in: $0) }
            }
            #expect(refusal == .knowledgeBaseNotFound)
        }
    }

    @Test("hold so much JSON and no more, in whichever fields, as Postgres gives it back")
    func size() async throws {
        let fixture = try await Fixture()
        let agent = try await fixture.makeAgent()
        var half = AgentChanges()
        half.tools = JSONText([["a": .string(String(repeating: "é", count: AgentDefinition.maximumJSONSize / 4))]])
        try await fixture.write { [half] in _ = try await fixture.agents.update(agent.id, half, in: $0) }
        for json in [
            JSON.string(String(repeating: "a", count: AgentDefinition.maximumJSONSize / 2)),
            // 65,537 digits.
            try JSON.parse(Array("1e65536".utf8)).root,
        ] {
            var change = AgentChanges()
            change.goals = JSONText([["a": json]])
            let refusal = await code { [change] in
                try await fixture.write { try await fixture.agents.update(agent.id, change, in: $0) }
            }
            #expect(refusal == .validation)
        }
        var rename = AgentChanges()
        rename.name = "B"
        try await fixture.write { [rename] in _ = try await fixture.agents.update(agent.id, rename, in: $0) }
    }

    @Test("that were larger already may change, and grow no further")
    func tooLargeAlready() async throws {
        let fixture = try await Fixture()
        let agent = try await fixture.makeAgent()
        try await TestDatabase.current.administrator.unsafeScript(
            "UPDATE agents.agent SET goals = jsonb_build_array(repeat('a', 100000))"
        )
        var change = AgentChanges()
        change.name = "B"
        let renamed = try await fixture.write { [change] in
            try await fixture.agents.update(agent.id, change, in: $0)
        }
        #expect(renamed.definition.name == "B")
        change.tools = JSONText([["a": "b"]])
        let refusal = await code { [change] in
            try await fixture.write { try await fixture.agents.update(agent.id, change, in: $0) }
        }
        #expect(refusal == .validation)
    }

    @Test("of another tenant are not there")
    func isolation() async throws {
        let (fixture, other) = (try await Fixture(), try await Fixture(organization: "org_other"))
        let agent = try await fixture.makeAgent()
        #expect(await code { try await other.agents.agent(agent.id, in: other.tenantID) } == .agentNotFound)
        #expect(try await other.agents.agents(PageRequest(limit: 100, after: nil), in: other.tenantID).items.isEmpty)
        #expect(
            await code { try await other.write { try await other.agents.delete(agent.id, in: $0) } } == .agentNotFound
        )
        #expect(await code { try await other.ask(agent) } == .agentNotFound)
        #expect(try await fixture.agents.agent(agent.id, in: fixture.tenantID) == agent)
    }
}
