internal import Jobs
internal import Primitives

/// Removes what a document said; enqueued in the transaction in which it is deleted or fails.
struct PurgeDocument: DocumentJob {
    static let kind = "knowledge.purge_document"

    let documentID: DocumentID
}
