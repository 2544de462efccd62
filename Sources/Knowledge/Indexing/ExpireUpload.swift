internal import Jobs
internal import Primitives

/// Deletes a document that was begun and is not there yet; enqueued for later in the transaction that begins it.
struct ExpireUpload: DocumentJob {
    static let kind = "knowledge.expire_upload"
    /// How long a file may take to arrive and be accepted.
    static let delay = Duration.seconds(3600)

    let documentID: DocumentID
}
