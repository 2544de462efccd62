public import Primitives

/// A collection of documents that agents answer from.
public struct KnowledgeBase: Hashable, Sendable {
    public let id: KnowledgeBaseID
    public let name: String
    public let description: String
    public let counts: Counts
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    public struct Counts: Hashable, Sendable {
        /// Documents of any status.
        public let documents: Int
        /// Documents that are found by a search.
        public let readyDocuments: Int
        /// Passages of the documents that are ready.
        public let chunks: Int

        public init(documents: Int, readyDocuments: Int, chunks: Int) {
            self.documents = documents
            self.readyDocuments = readyDocuments
            self.chunks = chunks
        }
    }

    var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}
