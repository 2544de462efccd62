internal import Jobs
internal import Primitives

/// Makes a document searchable; enqueued in the transaction that accepts it.
struct IndexDocument: DocumentJob {
    static let kind = "knowledge.index_document"
    static let backoff = Backoff(base: .seconds(10), cap: .seconds(300))
    /// After so many our own failures become the document's.
    static let tries = 5
    /// More than `tries`, since to write that a document failed may fail as well.
    static let maximumAttempts = 20

    let documentID: DocumentID
}
