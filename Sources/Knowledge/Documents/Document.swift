package import Primitives

/// A document of a knowledge base and how far it is read.
package struct Document: Hashable, Sendable {
    package let id: DocumentID
    package let baseID: KnowledgeBaseID
    package let name: String
    package let kind: DocumentKind
    package let origin: Origin
    package let status: Status
    /// Percent.
    package let progress: Int
    /// Why it could not be read, where `status` is `failed`.
    package let failure: Failure?
    package let byteCount: Int
    /// Unicode scalars of the text read from it; 0 until it is ready.
    package let characterCount: Int
    package let chunkCount: Int
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// When it became ready.
    package let indexedAt: Timestamp?

    package enum Origin: String, Sendable, CaseIterable {
        case upload, text
    }

    package enum Status: String, Sendable, CaseIterable {
        /// Its pieces are arriving; not shown yet.
        case receiving
        case queued, extracting, embedding, ready, failed
        /// Not shown any more.
        case deleted
    }

    var cursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}

extension Document {
    /// A fault of the document itself, kept by its code; trying again would end the same way.
    package struct Failure: Hashable, Sendable {
        package let code: String

        init(code: String) {
            self.code = code
        }

        /// - Returns: nil for a fault that is not the document's.
        init?(_ fault: Fault) {
            guard Self.known.contains(where: { $0.code == fault.code }) else { return nil }
            code = fault.code.rawValue
        }

        package var text: LocalizedText {
            Self.known.first { $0.code.rawValue == code }?.text ?? .internalFailure
        }

        private static let known: [Fault] = [
            .documentNotText, .documentEmpty, .documentTooLarge(limit: DocumentKind.plainText.maximumSize),
            .documentNotConvertible(cause: nil), .documentConverterMissing(cause: nil),
        ]
    }
}
