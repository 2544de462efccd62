internal import Postgres

/// What kind of thing happened, by the name that dashboards and webhooks see.
///
/// Open: a module may add its own.
package struct EventType: RawRepresentable, Hashable, Sendable, PostgresText {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let conversationStarted = EventType(rawValue: "conversation_started")
    package static let messageReceived = EventType(rawValue: "message_received")
    package static let messageCompleted = EventType(rawValue: "message_completed")
    package static let toolCalled = EventType(rawValue: "tool_called")
    package static let leadCaptured = EventType(rawValue: "lead_captured")
    package static let conversionRecorded = EventType(rawValue: "conversion_recorded")
    package static let documentIndexed = EventType(rawValue: "document_indexed")
    package static let humanRequested = EventType(rawValue: "human_requested")

    // Frames of the live stream itself, which are never stored.
    package static let connectionEstablished = EventType(rawValue: "connection_established")
    package static let systemUpdate = EventType(rawValue: "system_update")
    package static let gap = EventType(rawValue: "gap")
}
