public import Primitives

/// What became of documents; the server decides what is logged of it.
///
/// What becomes of their jobs, workers tell.
public enum IndexingObservation: Sendable {
    case indexed(Document, duration: Duration)
    case failed(DocumentID, Fault)
    case purged(DocumentID)
}
