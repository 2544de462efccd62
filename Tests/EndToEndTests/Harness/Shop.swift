internal import Primitives

/// What an organisation has after a day's work.
///
/// A base with a document, an agent, a conversation with an answer, a conversion, and an API key. Every shop has the same data;
/// only the ids differ.
struct Shop: Sendable {
    let organization: TestOrganization
    let baseID: String
    let documentID: String
    let agentID: String
    let conversationID: String
    let runID: String
    let messageIDs: [String]
    let conversionID: String
    let keyID: String
    /// A server with all scopes.
    let key: APIClient
    /// The answer's text.
    let answer: String

    static let document = """
        # Planos e prazos

        ## Planos
        O plano Essencial custa R$ 49,90 por mês e inclui um agente e 500 conversas.
        O plano Profissional custa R$ 149,90 por mês e inclui cinco agentes e 5.000 conversas.

        ## Teste grátis
        Todo plano começa com 14 dias de teste grátis, sem cartão de crédito.

        ## Cancelamento
        O cancelamento é feito no painel, a qualquer momento, sem multa.
        """
    static let question = "Quanto custa o plano Profissional?"

    static func agent(baseID: String?) -> JSON {
        [
            "name": "Clara", "description": "Tira dúvidas sobre planos.",
            "system_prompt": "Você é Clara, consultora da loja. Responda com base nos documentos.",
            "model_id": "local", "knowledge_base_id": baseID.map(JSON.string) ?? .null,
        ]
    }

    static func conversion(conversationID: String, order: String = "pedido-1") -> JSON {
        [
            "conversation_id": .string(conversationID), "value": "199.95", "currency": "BRL",
            "dedupe_key": .string(order),
        ]
    }

    /// - Parameter order: another one for each shop of one organisation.
    static func open(_ organization: TestOrganization, order: String = "pedido-1") async throws -> Shop {
        let client = organization.admin
        let base: JSON = ["name": "Loja", "description": "O que a loja diz."]
        let baseID = try await client.post("/api/v2/knowledge/bases", base).id(201)
        let upload = Upload(content: Array(document.utf8), fields: [("knowledge_base_id", baseID)])
        let documentID = try await client.upload(upload).id(202)
        try await client.waitUntilReady(documentID: documentID)
        let agentID = try await client.post("/api/v2/agents", agent(baseID: baseID)).id(201)
        let answer = try await client.chat(agentID, question)
        let conversionID = try await client.post(
            "/api/v2/conversions",
            conversion(conversationID: answer.conversationID, order: order)
        ).id(201)
        let key = try await organization.createKey()
        let messages = try await client.get("/api/v2/conversations/\(answer.conversationID)/messages").data()
        return Shop(
            organization: organization,
            baseID: baseID,
            documentID: documentID,
            agentID: agentID,
            conversationID: answer.conversationID,
            runID: answer.runID,
            messageIDs: (messages.array ?? []).compactMap { $0["id"]?.string },
            conversionID: conversionID,
            keyID: key.id,
            key: key.client,
            answer: answer.text
        )
    }

    /// The shop's ids by the names that the API's document has for them.
    var ids: [String: String] {
        [
            "agent_id": agentID, "conversation_id": conversationID, "run_id": runID, "message_id": messageIDs[0],
            "base_id": baseID, "knowledge_base_id": baseID, "document_id": documentID, "conversion_id": conversionID,
            "key_id": keyID, "agent_ids": agentID,
        ]
    }
}
