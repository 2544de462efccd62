internal import Events
internal import Primitives

/// What receivers are sent of an event, written once.
struct WebhookMessage: Sendable {
    let id: EventID
    let type: EventType
    /// JSON, in the form that the dashboard's stream has.
    let body: String

    /// - Parameter payload: the JSON of `data`, which goes in byte for byte.
    init(id: EventID, type: EventType, payload: String, occurredAt: Timestamp) {
        self.id = id
        self.type = type
        var writer = JSONWriter(capacity: payload.utf8.count + 160)
        writer.object { writer in
            writer.member("id") { $0.value(id) }
            writer.member("type", type.rawValue)
            writer.member("data") { $0.unescaped(payload) }
            writer.member("timestamp") { $0.value(occurredAt) }
        }
        body = String(decoding: writer.bytes, as: UTF8.self)
    }
}
