/// Something that happens, and a place to wait for it.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    }

    func send() { continuation.yield() }

    /// Returns when `send` was called as often as this was.
    func wait() async { for await _ in stream { return } }
}
