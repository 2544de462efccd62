internal import Postgres
internal import Primitives
internal import TestSupport

/// What an organisation has after a day's work.
///
/// A base with a document, an agent, a conversation with an answer, a conversion, an API key, and a webhook with a delivery
/// and a replay. Every shop has the same data;
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
    let webhookID: String
    let deliveryID: String
    let replayID: String
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

    /// Gets nothing by itself.
    static let webhook: JSON = [
        "name": "ERP", "url": "https://erp.example.com/webhooks", "events": ["nothing_happens"],
    ]

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
        let webhookID = try await client.post("/api/v2/webhooks", webhook).id(201)
        let (deliveryID, replayID) = try await organization.addDelivery(to: webhookID)
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
            webhookID: webhookID,
            deliveryID: deliveryID,
            replayID: replayID,
            answer: answer.text
        )
    }

    /// The shop's ids by the names that the API's document has for them.
    var ids: [String: String] {
        [
            "agent_id": agentID, "conversation_id": conversationID, "run_id": runID, "message_id": messageIDs[0],
            "base_id": baseID, "knowledge_base_id": baseID, "document_id": documentID, "conversion_id": conversionID,
            "key_id": keyID, "agent_ids": agentID, "webhook_id": webhookID, "delivery_id": deliveryID,
            "replay_id": replayID,
        ]
    }
}

extension TestOrganization {
    /// A delivery that failed, and a replay that is over, as if they were of yesterday.
    fileprivate func addDelivery(to webhookID: String) async throws -> (deliveryID: String, replayID: String) {
        let (event, replay) = (EventID.next(), WebhookReplayID.next())
        try await server.program.database.administrator.unsafeScript(
            """
            INSERT INTO webhooks.message (tenant_id, event_id, type, body) VALUES ('\(tenantID)', '\(event)', 'lead_captured', '{}');
            INSERT INTO webhooks.delivery (tenant_id, endpoint_id, event_id, state, attempts, finished_at)
            VALUES ('\(tenantID)', '\(webhookID)', '\(event)', 'failed', 1, now());
            INSERT INTO webhooks.attempt (tenant_id, endpoint_id, event_id, number, trigger, outcome, url, finished_at, error)
            VALUES ('\(tenantID)', '\(webhookID)', '\(event)', 1, 'automatic', 'failed', 'https://erp.example.com', now(), 'timed_out');
            INSERT INTO webhooks.replay (tenant_id, id, endpoint_id, is_release, since, total, cursor, until, finished_at)
            VALUES ('\(tenantID)', '\(replay)', '\(webhookID)', false, now(), 0, '\(event)', '\(event)', now());
            """
        )
        return ("\(event)", "\(replay)")
    }
}
