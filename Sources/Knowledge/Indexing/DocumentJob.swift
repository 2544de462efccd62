public import Jobs
internal import Primitives

extension JobQueue {
    /// What is done with documents; one may take a core and 100 MB.
    public static let documents: JobQueue = "documents"
}

/// A job about one document; of each kind a document has one at a time.
protocol DocumentJob: Job {
    var documentID: DocumentID { get }

    init(documentID: DocumentID)
}

extension DocumentJob {
    static var queue: JobQueue { .documents }

    init(payload: JSONObject) throws {
        guard let id = payload["document_id"]?.string.flatMap(DocumentID.init) else { throw NoDocumentID() }
        self.init(documentID: id)
    }

    var payload: JSONObject { JSONObject([("document_id", .string(documentID.description))]) }
}

private struct NoDocumentID: Error {}

extension NewJob {
    static func about(_ job: some DocumentJob, delay: Duration = .zero) -> NewJob {
        NewJob(job, JobOptions(delay: delay, uniqueKey: job.documentID.description))
    }
}
