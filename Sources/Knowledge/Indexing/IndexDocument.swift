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
    /// Workers that may be lost with a document before it is thought to be why.
    ///
    /// One less than after which a worker gives a job up, when nobody would be left to say so.
    static let maximumCrashes = 2

    let documentID: DocumentID
}
