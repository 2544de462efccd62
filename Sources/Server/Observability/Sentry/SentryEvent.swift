internal import FoundationEssentials
internal import Logging
internal import Primitives

/// One failure as Sentry is told of it: what stands in our source, and ids.
///
/// Source: develop.sentry.dev, "Event payloads".
struct SentryEvent: Sendable {
    let signature: ErrorSignature
    /// Ours, without a value in it.
    let message: String
    let level: Logger.Level
    let logger: String
    /// `request_id`, `tenant_id`, `route` and the like, where known.
    let tags: [(name: String, value: String)]
    let occurredAt: Timestamp
    private let id = UUID()

    private static let tagNames = ["request_id", "tenant_id", "route", "run_id", "document_id"]

    init(_ signature: ErrorSignature, _ event: LogEvent, logger: String, metadata: Logger.Metadata) {
        self.signature = signature
        message = event.message.description
        level = event.level
        self.logger = logger
        tags = Self.tagNames.compactMap { name in metadata[name].map { (name, $0.description) } }
        occurredAt = WallClock.system.now()
    }

    /// An envelope with this as its only item ("Envelopes", serialization format): lines of JSON.
    func envelope(_ origin: SentryOrigin, sentAt: Timestamp) -> [UInt8] {
        let event = payload(origin)
        let header: JSON = ["event_id": .string(hexadecimalID), "sent_at": .string(sentAt.description)]
        let item: JSON = [
            "type": "event", "content_type": "application/json", "length": .number(JSONNumber(event.count)),
        ]
        let newline = [UInt8(ascii: "\n")]
        return Array([header.encoded, item.encoded, event].joined(separator: newline)) + newline
    }

    private func payload(_ origin: SentryOrigin) -> [UInt8] {
        let (file, line) = signature.source
        var tags = JSONObject([("error_code", .string(signature.code)), ("place", .string(signature.place))])
        for (name, value) in self.tags { tags[name] = .string(value) }
        let event: JSON = [
            "event_id": .string(hexadecimalID),
            "timestamp": .string(occurredAt.description),
            "platform": "other",
            "level": .string(level.sentryName),
            "logger": .string(logger),
            "release": .string(origin.release),
            "environment": .string(origin.environment),
            "fingerprint": [.string(signature.fingerprint)],
            "transaction": tags["route"] ?? .null,
            "tags": .object(tags),
            "exception": [
                "values": [
                    [
                        "type": .string(signature.code),
                        "value": .string(signature.cause.map { "\(message): \($0)" } ?? message),
                        "stacktrace": [
                            "frames": [["filename": .string(file), "lineno": line, "in_app": true]]
                        ],
                    ]
                ]
            ],
        ]
        return event.encoded
    }

    /// 32 lower-case digits.
    private var hexadecimalID: String {
        id.uuidString.replacing("-", with: "").lowercased()
    }
}

/// Which program speaks.
struct SentryOrigin: Sendable {
    /// Such as `agentes-de-conversao@0.1.0`.
    let release: String
    let environment: String
}

extension ErrorSignature {
    fileprivate var source: (file: String, line: JSON) {
        let parts = place.split(separator: ":")
        return (
            parts.first.map(String.init) ?? "", parts.last.flatMap { Int($0) }.map { .number(JSONNumber($0)) } ?? .null
        )
    }
}

extension Logger.Level {
    fileprivate var sentryName: String {
        switch self {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "fatal"
        }
    }
}
