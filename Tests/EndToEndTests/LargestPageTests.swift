internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("The largest page", .server())
struct LargestPageTests {
    @Test("of agents, each as large as it may be, is below 8 MiB")
    func agents() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        func text(_ length: Int) -> JSON { .string(String(repeating: "😀", count: length)) }
        let tools = JSON.array((0..<3).map { _ in ["a": .string(String(repeating: "a", count: 16_000))] })
        var agent = JSONObject([
            ("name", text(100)), ("description", text(1000)), ("system_prompt", text(5000)), ("tools", tools),
            ("interface_config", ["numbers": .array(Array(repeating: 1, count: 3000))]),
        ])
        let id = try await client.post("/api/v2/agents", .object(agent)).id(201)
        agent["goals"] = [["a": .string(String(repeating: "a", count: 1000))]]
        let refused = try await client.post("/api/v2/agents", .object(agent))
        #expect(refused.status == 422 && refused.problemFields == ["tools", "interface_config", "goals"], "\(refused)")

        try await organization.server.program.database.administrator.unsafeScript(
            """
            INSERT INTO agents.agent (tenant_id, id, name, description, system_prompt, model_id, temperature, max_tokens,
                tools, visibility, interface_config, goals, created_at, updated_at)
            SELECT tenant_id, gen_random_uuid(), name, description, system_prompt, model_id, temperature, max_tokens,
                tools, visibility, interface_config, goals, created_at, updated_at
            FROM agents.agent, generate_series(1, 99) WHERE id = '\(id)'
            """
        )
        let page = try await client.get("/api/v2/agents?limit=100")
        #expect(page.json?["count"] == 100)
        #expect((7_900_000...8 << 20).contains(page.body.count), "\(page.body.count) bytes")
    }
}
