internal import Events

extension EventType {
    /// Sent to one endpoint because somebody asked for it; nothing has happened.
    static let webhookTest = EventType(rawValue: "webhook_test")
    /// An endpoint was disabled by us.
    static let webhookDisabled = EventType(rawValue: "webhook_disabled")
}
