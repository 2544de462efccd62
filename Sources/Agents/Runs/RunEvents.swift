/// Where the events of a run are read.
protocol RunEventSource: Sendable {
    /// All that is there after an event, at least one; waits for it.
    /// - Returns: nil after the terminal event, once the reader has ended, and when the task was cancelled.
    func events(after sequence: Int, for reader: RunReader) async -> ArraySlice<RunEvent>?
}

/// The events of a run from a place on, up to the terminal one; ends early where the reading task is cancelled, and with
/// `end()`.
///
/// For one task at a time.
public struct RunEvents: AsyncSequence, Sendable {
    let source: any RunEventSource
    /// The last event that is known already, 0 for none.
    let sequence: Int
    private let reader = RunReader()

    init(source: any RunEventSource, sequence: Int) {
        self.source = source
        self.sequence = sequence
    }

    /// Ends it, also while it is being waited on.
    public func end() {
        reader.end()
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source, reader: reader, sequence: sequence)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let source: any RunEventSource
        private let reader: RunReader
        private var sequence: Int
        private var batch: ArraySlice<RunEvent> = []

        fileprivate init(source: any RunEventSource, reader: RunReader, sequence: Int) {
            self.source = source
            self.reader = reader
            self.sequence = sequence
        }

        public mutating func next() async -> RunEvent? {
            if batch.isEmpty { batch = await source.events(after: sequence, for: reader) ?? [] }
            guard let event = batch.popFirst() else { return nil }
            sequence = event.sequence
            return event
        }

        /// All events that are there now, at least one; for writers that send several in one piece.
        public mutating func nextBatch() async -> ArraySlice<RunEvent>? {
            if batch.isEmpty { batch = await source.events(after: sequence, for: reader) ?? [] }
            guard let last = batch.last else { return nil }
            defer { batch = [] }
            sequence = last.sequence
            return batch
        }
    }
}
