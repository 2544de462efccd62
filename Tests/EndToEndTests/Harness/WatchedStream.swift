internal import AsyncHTTPClient
internal import NIOHTTP1
internal import Primitives
internal import Synchronization

/// A stream of events that is read in the background while the test does something else.
final class WatchedStream: Sendable {
    private let state = Mutex<(frames: [EventFrame], hasEnded: Bool)>(([], false))

    var frames: [EventFrame] { state.withLock(\.frames) }
    /// Whether the server has ended it, or the connection was lost.
    var hasEnded: Bool { state.withLock(\.hasEnded) }

    /// Whether a frame of this `event` (of a chat) or `type` (of a dashboard) has come.
    func count(of name: String) -> Int {
        frames.count { $0.json?["event"]?.string == name || $0.json?["type"]?.string == name }
    }

    fileprivate func read(_ response: HTTPClientResponse) async throws {
        defer { state.withLock { $0.hasEnded = true } }
        guard response.status == .ok else { throw ProgramFailure("no event stream but \(response.status)") }
        var reader = EventReader(response)
        while let frame = try await reader.next() { state.withLock { $0.frames.append(frame) } }
    }
}

/// Streams that are read for as long as `body` runs.
struct StreamWatch: Sendable {
    private let start: @Sendable (@escaping @Sendable () async -> Void) -> Void

    static func during<T: Sendable>(_ body: @escaping @Sendable (StreamWatch) async throws -> T) async throws -> T {
        let (readings, readingsContinuation) = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { streams in
                    for await reading in readings { streams.addTask { await reading() } }
                }
                return nil
            }
            group.addTask { try await body(StreamWatch { readingsContinuation.yield($0) }) }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    /// The client's dashboard stream, once it is open.
    func dashboard(_ client: APIClient, at path: String = "/api/v2/events/dashboard") async throws -> WatchedStream {
        try await watch("system_update") { try await client.open(.GET, path) }
    }

    /// A stream that may be refused.
    func start(_ client: APIClient, at path: String) -> WatchedStream {
        let stream = WatchedStream()
        start { try? await stream.read(try await client.open(.GET, path)) }
        return stream
    }

    /// A question's stream, once it has said something.
    func chat(_ client: APIClient, _ agentID: String, _ question: String) async throws -> WatchedStream {
        let body: JSON = ["messages": [["role": "user", "content": .string(question)]]]
        return try await watch("answer") {
            try await client.open(
                .POST,
                "/api/v2/agents/\(agentID)/chat/stream",
                headers: [("Content-Type", "application/json")],
                body: body.encoded
            )
        }
    }

    private func watch(
        _ greeting: String,
        _ open: @escaping @Sendable () async throws -> HTTPClientResponse
    ) async throws -> WatchedStream {
        let stream = WatchedStream()
        start { try? await stream.read(try await open()) }
        try await poll("the stream is open: \(greeting)") { stream.count(of: greeting) > 0 ? () : nil }
        return stream
    }
}
