internal import Primitives

extension Shop {
    /// A body that the operation accepts, naming this shop's things; nil where it takes none.
    ///
    /// A new route that takes a body fails the tests that go through the document until it has a line here.
    func validBody(of operation: APIDocument.Operation) throws -> JSON? {
        guard !operation.bodies.isEmpty else { return nil }
        switch operation.description {
        case "POST /api/v2/agents", "PUT /api/v2/agents/{agent_id}": return Self.agent(baseID: baseID)
        case "PATCH /api/v2/agents/{agent_id}": return ["name": "Rita", "knowledge_base_id": .string(baseID)]
        case "POST /api/v2/agents/{agent_id}/chat/stream":
            return [
                "messages": [["role": "user", "content": "Oi"]], "conversation_id": .string(conversationID),
                "streaming": false,
            ]
        case "PATCH /api/v2/conversations/{conversation_id}": return ["title": "Orçamento"]
        case "POST /api/v2/knowledge/bases", "PATCH /api/v2/knowledge/bases/{base_id}": return ["name": "Outra"]
        case "POST /api/v2/knowledge/upload": return ["knowledge_base_id": .string(baseID)]
        case "POST /api/v2/knowledge/text":
            return ["knowledge_base_id": .string(baseID), "name": "Frete", "content": "Nove dias úteis."]
        case "POST /api/v2/knowledge/search": return ["query": "frete", "knowledge_base_id": .string(baseID)]
        case "POST /api/v2/conversions":
            return ["conversation_id": .string(conversationID), "value": "1.00"]
        case "POST /api/v2/api-keys": return ["name": "Loja", "scopes": ["chat"], "agent_ids": [.string(agentID)]]
        case "POST /api/v2/events/tickets": return ["agent_id": .string(agentID)]
        case "PATCH /api/v2/settings", "PUT /api/v2/settings": return ["theme": "dark"]
        case "POST /api/v2/webhooks", "PUT /api/v2/webhooks/{webhook_id}": return Self.webhook
        case "PATCH /api/v2/webhooks/{webhook_id}": return ["name": "CRM"]
        case "POST /api/v2/webhooks/{webhook_id}/replay": return ["since": "2020-01-01T00:00:00Z"]
        case "POST /webhooks/clerk": return [:]
        default: throw ProgramFailure("no valid body of \(operation) is known: add it to Shop.validBody")
        }
    }

    /// Sends the operation with valid values, but for those given here.
    func send(
        _ operation: APIDocument.Operation,
        as client: APIClient,
        path: [String: String] = [:],
        query: String = "",
        body: JSON? = nil
    ) async throws -> APIResponse {
        let target = try operation.path(ids.merging(path) { _, new in new }) + query
        let valid = try validBody(of: operation)
        guard let body = body ?? valid else { return try await client.send(operation.method, target) }
        guard operation.jsonBody == nil else { return try await client.send(operation.method, target, json: body) }
        let fields = (body.object?.members ?? []).map { ($0.name, $0.value.string ?? "") }
        let upload = Upload(content: Array("Nove dias úteis.".utf8), fields: fields)
        return try await client.send(
            operation.method,
            target,
            headers: [("Content-Type", Upload.contentType)],
            body: upload.body
        )
    }
}
