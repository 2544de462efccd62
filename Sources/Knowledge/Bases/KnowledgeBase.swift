package import Primitives

/// A collection of documents that agents answer from.
package struct KnowledgeBase: Hashable, Sendable {
    package let id: KnowledgeBaseID
    package let name: String
    package let description: String
    package let counts: Counts
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package struct Counts: Hashable, Sendable {
        /// Documents of any status.
        package let documents: Int
        /// Documents that are found by a search.
        package let readyDocuments: Int
        /// Passages of the documents that are ready.
        package let chunks: Int

        package init(documents: Int, readyDocuments: Int, chunks: Int) {
            self.documents = documents
            self.readyDocuments = readyDocuments
            self.chunks = chunks
        }
    }

    var cursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}
