internal import Events
internal import Primitives

/// The frames of the dashboard stream: unnamed, so that a plain `onmessage` receives them all.
extension ServerSentEvents {
    /// An event with its place: `id:` is the cursor, the `id` inside is the event's own.
    mutating func frame(_ event: LiveEvent) {
        self.event(id: event.cursor.description, data: Output<LiveEvent>.frame.encoded(event))
    }

    /// A frame of the stream itself: it has no place in the order, so it carries no `id:`.
    mutating func frame(_ type: EventType, _ data: JSON, at time: Timestamp) {
        let json: JSON = [
            "id": .string(EventID.next().description), "type": .string(type.rawValue), "data": data,
            "timestamp": .string(time.description),
        ]
        event(data: json.encoded)
    }

    /// Why the stream ends or did not begin, and when to come back; spread, so that all who were refused do not come
    /// together.
    mutating func refusal(_ fault: Fault, in language: Language, at time: Timestamp) {
        let reason: JSON = ["code": .string(fault.code.rawValue), "message": .string(fault.text(in: language))]
        frame(.connectionRefused, reason, at: time)
        let earliest = max(2000, fault.retryAfter?.milliseconds ?? 0)
        retry(.milliseconds(Int64.random(in: earliest...(earliest + 8000))))
    }
}

extension Output where Value == LiveEvent {
    static let frame = Output.object(
        "DashboardEvent",
        [
            Member("id", .id(), \.id),
            Member("type", .text, \.type.rawValue),
            Member("data", .rawJSON, \.payload),
            Member("timestamp", .timestamp, \.occurredAt),
        ]
    )
}

extension Output where Value == String {
    /// Text that is JSON already, written byte for byte.
    fileprivate static let rawJSON = Output(
        schema: Schema([("type", "object"), ("additionalProperties", true)])
    ) { $1.unescaped($0) }
}
