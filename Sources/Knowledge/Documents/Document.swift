public import Primitives

/// A document of a knowledge base and how far it is read.
public struct Document: Hashable, Sendable {
    public let id: DocumentID
    public let baseID: KnowledgeBaseID
    public let name: String
    public let kind: DocumentKind
    public let origin: Origin
    public let status: Status
    /// Percent.
    public let progress: Int
    /// Why it could not be read, where `status` is `failed`.
    public let failure: Failure?
    public let byteCount: Int
    /// Unicode scalars of the text read from it; 0 until it is ready.
    public let characterCount: Int
    public let chunkCount: Int
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
    /// When it became ready.
    public let indexedAt: Timestamp?

    public enum Origin: String, Sendable, CaseIterable {
        case upload, text
    }

    public enum Status: String, Sendable, CaseIterable {
        /// Its pieces are arriving; not shown yet.
        case receiving
        case queued, extracting, embedding, ready, failed
        /// Not shown any more.
        case deleted
    }

    var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}

extension Document {
    /// A fault of the document itself, kept by its code; trying again would end the same way.
    public struct Failure: Hashable, Sendable {
        public let code: String

        init(code: String) {
            self.code = code
        }

        /// - Returns: nil for a fault that is not the document's.
        init?(_ fault: Fault) {
            guard Self.known.contains(where: { $0.code == fault.code }) else { return nil }
            code = fault.code.rawValue
        }

        public var text: LocalizedText {
            Self.known.first { $0.code.rawValue == code }?.text ?? .internalFailure
        }

        private static let known: [Fault] = [
            .documentNotText, .documentEmpty, .documentTooLarge(limit: DocumentKind.plainText.maximumSize),
            .documentNotConvertible(cause: nil), .documentConverterMissing(cause: nil),
        ]
    }
}
