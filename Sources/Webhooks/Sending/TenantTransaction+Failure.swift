internal import Events
internal import Jobs
internal import Primitives
internal import Tenancy

extension TenantTransaction {
    /// Notes that an endpoint failed, and disables it where that is due, with an event that says so to the others; of a
    /// tool's, which they do not know, none does.
    func recordFailure(of id: WebhookID, named name: String, _ result: SendResult) async throws {
        try await execute(RecordFailure(tenantID: tenantID, id: id, rest: result.rest))
        let reason: WebhookEndpoint.Disabled.Reason = result.isGone ? .gone : .failing
        let disable = DisableEndpoint(tenantID: tenantID, id: id, reason: reason)
        guard let disabled = try await queryFirst(disable) else { return }
        if disabled.kind == .events, disabled.isNews {
            let data: JSON = [
                "endpoint_id": .string(id.description), "name": .string(name), "reason": .string(reason.rawValue),
                "failing_since": disabled.failingSince.map { .string($0.description) } ?? .null,
            ]
            try await append(
                Event(.webhookDisabled, data: data, subjectID: SubjectID(id), occurredAt: disabled.at)
            )
        }
        guard reason == .failing else { return }
        try await enqueue([ProbeWebhook(endpointID: id, number: disabled.probe).due(in: .seconds(3600))])
    }
}
