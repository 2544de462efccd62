internal import Events
internal import Jobs
internal import Primitives
internal import Tenancy

extension TenantTransaction {
    /// Sends one endpoint a test event.
    /// - Returns: the message's id.
    func enqueueTest(
        to endpointID: WebhookID,
        as trigger: WebhookAttempt.Trigger,
        at time: Timestamp
    ) async throws -> EventID {
        let message = WebhookMessage(
            id: .next(),
            type: .webhookTest,
            payload: JSON.object(JSONObject([("endpoint_id", .string(endpointID.description))])).description,
            occurredAt: time
        )
        try await execute(InsertDirectMessage(tenantID: tenantID, endpointID: endpointID, message: message))
        try await enqueue(
            RetryWebhook(DeliveryPiece(endpointID: endpointID, eventID: message.id, round: 0, trigger: trigger))
        )
        return message.id
    }
}
