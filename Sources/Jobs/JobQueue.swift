public import Postgres
public import Primitives

/// Where jobs wait that share workers: work that may be slow waits apart from work that may not.
public struct JobQueue: PostgresText, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    public var description: String { rawValue }

    public static let `default`: JobQueue = "default"

    /// There is a new job in the queue.
    public var wakeUpTopic: WakeUpTopic { WakeUpTopic(rawValue: "jobs/\(rawValue)") }
}
