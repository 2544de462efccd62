public import Postgres

/// What kind of thing happened, by the name that dashboards and webhooks see.
///
/// Open: a module may add its own.
public struct EventType: RawRepresentable, Hashable, Sendable, PostgresText {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let conversationStarted = EventType(rawValue: "conversation_started")
    public static let messageReceived = EventType(rawValue: "message_received")
    public static let messageCompleted = EventType(rawValue: "message_completed")
    public static let toolCalled = EventType(rawValue: "tool_called")
    public static let leadCaptured = EventType(rawValue: "lead_captured")
    public static let conversionRecorded = EventType(rawValue: "conversion_recorded")
    public static let documentIndexed = EventType(rawValue: "document_indexed")
    public static let humanRequested = EventType(rawValue: "human_requested")

    // Frames of the live stream itself, which are never stored.
    public static let connectionEstablished = EventType(rawValue: "connection_established")
    public static let systemUpdate = EventType(rawValue: "system_update")
    public static let gap = EventType(rawValue: "gap")
    public static let connectionRefused = EventType(rawValue: "connection_refused")
}
