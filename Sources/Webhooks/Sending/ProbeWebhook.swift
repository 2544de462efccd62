internal import Jobs
internal import Primitives
internal import Tenancy

/// Finds out whether an endpoint that was disabled, since it failed, works again: sends it the oldest of what is held for it.
///
/// Every third one sends a test event: that one event is always refused says nothing of the others, which are held. Success
/// enables it again, whatever was sent; the next probe is enqueued before this one has ended, and finds nothing to do then.
struct ProbeWebhook: Job {
    static let kind = "webhooks.probe"
    static let queue = JobQueue.webhookRetries
    private static let testPeriod = 3

    let endpointID: WebhookID
    let number: Int

    private struct NoProbe: Error {}

    init(endpointID: WebhookID, number: Int) {
        self.endpointID = endpointID
        self.number = number
    }

    init(payload: JSONObject) throws {
        guard let id = payload["endpoint_id"]?.string.flatMap(WebhookID.init), let number = payload["number"]?.integer
        else { throw NoProbe() }
        self.init(endpointID: id, number: number)
    }

    var payload: JSONObject {
        JSONObject([
            ("endpoint_id", .string(endpointID.description)), ("number", .number(JSONNumber(number))),
        ])
    }

    /// Of one number there is one.
    func due(in delay: Duration = .zero) -> NewJob {
        NewJob(self, JobOptions(delay: delay, uniqueKey: "\(endpointID) \(number)"))
    }

    func perform(_ context: JobContext, clock: WallClock) async throws -> JobOutcome {
        try await context.complete { transaction in
            let tenantID = transaction.tenantID
            let advance = AdvanceProbe(tenantID: tenantID, id: endpointID, number: number)
            guard let next = try await transaction.queryFirst(advance) else { return }
            try await transaction.enqueue([
                ProbeWebhook(endpointID: endpointID, number: next.number).due(in: next.delay)
            ])
            let begin = BeginOldestRound(tenantID: tenantID, id: endpointID)
            let isTest = number.isMultiple(of: Self.testPeriod)
            guard let oldest = isTest ? nil : try await transaction.queryFirst(begin) else {
                _ = try await transaction.enqueueTest(to: endpointID, as: .probe, at: clock.now())
                return
            }
            let piece = DeliveryPiece(
                endpointID: endpointID,
                eventID: oldest.id,
                round: oldest.round,
                trigger: .probe
            )
            try await transaction.enqueue(RetryWebhook(piece))
        }
        return .completed
    }
}
