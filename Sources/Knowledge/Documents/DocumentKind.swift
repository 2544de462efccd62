public import Primitives

/// What kinds of documents we read; the raw value is stored.
public enum DocumentKind: String, Sendable, CaseIterable {
    case plainText = "text/plain"
    case markdown = "text/markdown"
    case html = "text/html"

    /// Decides by the file's extension; the declared content type must not contradict it, and decides alone where there
    /// is no extension.
    /// - Parameter contentType: as sent, with or without parameters; browsers send `text/plain` or
    ///   `application/octet-stream` for Markdown, or nothing.
    /// - Throws: `unsupported_document_type`, with the kinds that are supported.
    public init(fileName: String, contentType: String?) throws(Fault) {
        let type = contentType?.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace } ?? ""
        let dot = fileName.lastIndex(of: ".")
        let byType = Self.allCases.first { $0.contentTypes.contains(type) }
        let isTypeVague = ["", "application/octet-stream", "text/plain"].contains(type)
        guard let dot else {
            guard let byType else { throw .unsupportedDocumentType(fileName: fileName) }
            self = byType
            return
        }
        let fileExtension = fileName[dot...].dropFirst().lowercased()
        guard let kind = Self.allCases.first(where: { $0.fileExtensions.contains(fileExtension) }),
            isTypeVague || kind == byType
        else { throw .unsupportedDocumentType(fileName: fileName) }
        self = kind
    }

    public var fileExtensions: [String] {
        switch self {
        case .plainText: ["txt"]
        case .markdown: ["md", "markdown"]
        case .html: ["html", "htm"]
        }
    }

    public static let allFileExtensions = allCases.flatMap(\.fileExtensions)

    private var contentTypes: [String] {
        switch self {
        case .plainText: ["text/plain"]
        case .markdown: ["text/markdown", "text/x-markdown"]
        case .html: ["text/html", "application/xhtml+xml"]
        }
    }

    /// Bytes of a file.
    ///
    /// Pandoc reads 170 kB of HTML a second (2.17 on a 2 GHz core), so that much is a minute's work
    /// at most.
    public var maximumSize: Int {
        switch self {
        case .plainText, .markdown: 20 << 20
        case .html: 4 << 20
        }
    }
}
