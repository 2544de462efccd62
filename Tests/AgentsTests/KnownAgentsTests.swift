internal import Primitives
internal import Tenancy
internal import Testing

@testable internal import Agents

@Suite("What is remembered of agents")
struct KnownAgentsTests {
    @Test("is of those asked last, each of its tenant; asking for one that there is not pushes nobody out")
    func capacity() {
        let agents = KnownAgents(capacity: 2)
        let (first, second, third) = (key(), key(), key())
        agents.note(.sample("1"), for: first)
        agents.note(.sample("2"), for: second)
        agents.note(.sample("3"), for: second)
        agents.note(nil, for: third)
        #expect(agents.agent(first) == .sample("1"))
        #expect(agents.agent(second) == .sample("3"))
        #expect(agents.agent(KnownAgents.Key(tenantID: second.tenantID, agentID: first.agentID)) == nil)
        agents.note(nil, for: first)
        #expect(agents.agent(first) == nil)
        agents.note(.sample("1"), for: first)
        agents.note(.sample("4"), for: third)
        #expect(agents.agent(third) == .sample("4"))
        #expect([first, second].allSatisfy { agents.agent($0) == nil })
    }

    private func key() -> KnownAgents.Key { KnownAgents.Key(tenantID: .next(), agentID: .next()) }
}

extension AnsweringAgent {
    fileprivate static func sample(_ prompt: String) -> AnsweringAgent {
        AnsweringAgent(
            AgentDefinition(
                name: "Vendas",
                description: "Atende visitantes",
                systemPrompt: prompt,
                modelID: "local",
                temperature: 0.7,
                maxTokens: 500
            )
        )
    }
}
