internal import NIOCore
internal import Primitives

/// Bytes of `text/event-stream` (WHATWG HTML §9.2).
///
/// Payloads are JSON, in which line ends are escaped, so no payload can forge a field.
struct ServerSentEvents {
    static let contentType = "text/event-stream"

    private(set) var buffer = ByteBuffer()

    /// `id:` (where given), one `data:` line, a blank line.
    mutating func event(id: String? = nil, data: [UInt8]) {
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("data: ")
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
    }

    /// Moves the client's cursor without dispatching an event.
    mutating func cursor(_ id: String) {
        buffer.writeString("id: \(id)\n\n")
    }

    /// How long the client waits before it connects again.
    mutating func retry(_ delay: Duration) {
        buffer.writeString("retry: \(delay.milliseconds)\n\n")
    }

    mutating func comment(_ text: StaticString) {
        buffer.writeString(": \(text)\n\n")
    }
}
