internal import Jobs
internal import Primitives
internal import Tenancy

/// The next page of a replay.
struct ReplayWebhooks: Job {
    static let kind = "webhooks.replay"
    static let queue = JobQueue.webhookRetries
    /// Deliveries a transaction, which so stays short.
    static let pageLength = 500

    let replayID: WebhookReplayID

    private struct NoReplay: Error {}

    init(replayID: WebhookReplayID) {
        self.replayID = replayID
    }

    init(payload: JSONObject) throws {
        guard let id = payload["replay_id"]?.string.flatMap(WebhookReplayID.init) else { throw NoReplay() }
        replayID = id
    }

    var payload: JSONObject { JSONObject([("replay_id", .string(replayID.description))]) }

    /// The page after so many deliveries, once.
    func page(after enqueued: Int, delay: Duration = .zero) -> NewJob {
        NewJob(self, JobOptions(delay: delay, uniqueKey: "\(replayID) \(enqueued)"))
    }

    /// Enqueues the page's deliveries, says how far it came, and enqueues the page after it, in the commit that ends the
    /// job: whatever crashes, each page is done once.
    func perform(_ context: JobContext) async throws -> JobOutcome {
        try await context.complete { transaction in
            let tenantID = transaction.tenantID
            let select = SelectReplayPlace(tenantID: tenantID, id: replayID)
            guard let place = try await transaction.queryFirst(select) else { return }
            let limit = Self.pageLength
            let page =
                place.isRelease
                ? try await transaction.query(BeginRelease(tenantID: tenantID, place: place, limit: limit))
                : try await transaction.query(BeginRounds(tenantID: tenantID, place: place, limit: limit))
            let isLast = page.count < Self.pageLength
            let advance = AdvanceReplay(
                tenantID: tenantID,
                id: replayID,
                cursor: page.map(\.id).max()?.uuid,
                count: page.count,
                isFinished: isLast
            )
            try await transaction.execute(advance)
            let sends = page.map { delivery in
                let piece = DeliveryPiece(
                    endpointID: place.endpointID,
                    eventID: delivery.id,
                    round: delivery.round,
                    trigger: .replay
                )
                return NewJob(RetryWebhook(piece))
            }
            try await transaction.enqueue(sends + (isLast ? [] : [self.page(after: place.enqueued + page.count)]))
        }
        return .completed
    }
}
