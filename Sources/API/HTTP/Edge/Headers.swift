internal import HTTPTypes

extension HTTPField.Name {
    static let requestID = name("X-Request-Id")
    static let runID = name("X-Run-Id")
    static let conversationID = name("X-Conversation-Id")
    static let rateLimit = name("RateLimit")
    static let rateLimitPolicy = name("RateLimit-Policy")
    static let idempotencyKey = name("Idempotency-Key")
    static let idempotentReplayed = name("Idempotent-Replayed")
    static let accelBuffering = name("X-Accel-Buffering")
    static let lastEventID = name("Last-Event-ID")
    static let secFetchSite = name("Sec-Fetch-Site")

    static let xForwardedFor = name("X-Forwarded-For")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
