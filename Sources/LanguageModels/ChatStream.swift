/// An answer as it comes, pulled by its one reader: nothing is buffered beyond what one read of the socket brought.
public struct ChatStream: AsyncSequence, Sendable {
    private let makeSource: @Sendable () -> any ChatEventSource

    /// - Parameter makeSource: a new attempt at the answer, called once for each iteration.
    public init(_ makeSource: @escaping @Sendable () -> any ChatEventSource) {
        self.makeSource = makeSource
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: makeSource())
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: any ChatEventSource

        public mutating func next() async throws -> ChatEvent? {
            try await source.next()
        }
    }
}

/// What stands behind one iteration of a `ChatStream`.
public protocol ChatEventSource {
    mutating func next() async throws -> ChatEvent?
}
