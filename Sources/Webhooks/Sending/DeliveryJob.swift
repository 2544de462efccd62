public import Jobs
internal import Primitives

extension JobQueue {
    /// Events on their way to receivers that work: first attempts, which nothing slow stands before.
    public static let webhooks: JobQueue = "webhooks"
    /// What is sent again, to receivers that failed, or because somebody asked; and replays.
    public static let webhookRetries: JobQueue = "webhook_retries"
}

/// Which sending of which delivery a job is about.
struct DeliveryPiece: Sendable {
    let endpointID: WebhookID
    let eventID: EventID
    let round: Int
    let trigger: WebhookAttempt.Trigger

    /// Whether it is a test event; a probe of anything else is of a round that it began.
    var isTest: Bool { trigger == .test || trigger == .probe && round == 0 }
}

/// A job that sends something once; what follows from a failure is a job of its own.
protocol DeliveryJob: Job {
    var piece: DeliveryPiece { get }

    init(_ piece: DeliveryPiece)
}

extension DeliveryJob {
    init(payload: JSONObject) throws {
        guard let endpointID = payload["endpoint_id"]?.string.flatMap(WebhookID.init),
            let eventID = payload["event_id"]?.string.flatMap(EventID.init), let round = payload["round"]?.integer,
            let trigger = payload["trigger"]?.string.flatMap(WebhookAttempt.Trigger.init(rawValue:))
        else { throw NoDelivery() }
        self.init(DeliveryPiece(endpointID: endpointID, eventID: eventID, round: round, trigger: trigger))
    }

    var payload: JSONObject {
        JSONObject([
            ("endpoint_id", .string(piece.endpointID.description)), ("event_id", .string(piece.eventID.description)),
            ("round", .number(JSONNumber(piece.round))), ("trigger", .string(piece.trigger.rawValue)),
        ])
    }
}

private struct NoDelivery: Error {}

/// A first attempt; enqueued with the delivery, by the relay where it is of an event.
struct DeliverWebhook: DeliveryJob {
    static let kind = "webhooks.deliver"
    static let queue = JobQueue.webhooks

    let piece: DeliveryPiece

    init(_ piece: DeliveryPiece) { self.piece = piece }
}

/// Every other attempt.
struct RetryWebhook: DeliveryJob {
    static let kind = "webhooks.retry"
    static let queue = JobQueue.webhookRetries

    let piece: DeliveryPiece

    init(_ piece: DeliveryPiece) { self.piece = piece }
}
