internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// Reads a stream of events while it goes on.
struct EventReader {
    private var chunks: HTTPClientResponse.Body.AsyncIterator
    private var parser = EventFrameParser()
    private var frames: ArraySlice<EventFrame> = []

    init(_ response: HTTPClientResponse) {
        chunks = response.body.makeAsyncIterator()
    }

    /// nil when the server has ended the stream.
    mutating func next() async throws -> EventFrame? {
        while frames.isEmpty {
            guard let chunk = try await chunks.next() else { return nil }
            frames = parser.feed(chunk.readableBytesView)[...]
        }
        return frames.popFirst()
    }

    /// The frames up to and with the first of that kind.
    /// - Throws: when the stream ends before.
    mutating func frames(until isLast: (EventFrame) -> Bool) async throws -> [EventFrame] {
        var all: [EventFrame] = []
        while let frame = try await next() {
            all.append(frame)
            if isLast(frame) { return all }
        }
        throw ProgramFailure("the stream ended before the expected frame: \(all.suffix(5))")
    }
}

extension APIClient {
    /// Runs `body` with the events of a stream, whose connection is closed afterwards.
    func events<T: Sendable>(
        _ path: String,
        after lastEventID: String? = nil,
        _ body: @escaping @Sendable (inout EventReader) async throws -> T
    ) async throws -> T {
        // Cancelling the task that reads is what closes the connection.
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask {
                let response = try await open(.GET, path, headers: lastEventID.map { [("Last-Event-ID", $0)] } ?? [])
                guard response.status == .ok, response.headers.first(name: "Content-Type") == "text/event-stream" else {
                    throw ProgramFailure("\(path): no event stream but \(response.status)")
                }
                var reader = EventReader(response)
                return try await body(&reader)
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
