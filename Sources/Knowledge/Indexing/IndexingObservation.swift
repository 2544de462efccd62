public import Primitives

/// What the indexer did; the server decides what is logged and counted of it.
public enum IndexingObservation: Sendable {
    case indexed(Document, duration: Duration)
    case failed(DocumentID, Fault)
    /// Given back to be tried again: the server stops, or something of ours failed.
    case released(DocumentID, any Error)
    /// Deleted, or taken over by another process, while it was worked on.
    case lost(DocumentID)
    case purged(DocumentID)
    /// Unfinished documents could not be looked for.
    case unreachable(any Error)
}
