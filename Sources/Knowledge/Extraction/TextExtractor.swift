internal import Primitives

/// Turns a file into text that can be cut into passages.
public struct TextExtractor: Sendable {
    private let pandoc: Pandoc

    public init(pandoc: Pandoc = Pandoc()) {
        self.pandoc = pandoc
    }

    /// - Parameter bytes: the whole file.
    /// - Throws: `document_not_text`, `document_empty`, `document_too_large`, `document_not_convertible`,
    ///   `document_converter_missing`; `CancellationError`.
    public func extract(_ bytes: [UInt8], kind: DocumentKind) async throws -> ExtractedText {
        guard bytes.count <= kind.maximumSize else { throw Fault.documentTooLarge(limit: kind.maximumSize) }
        var inspection = TextInspection()
        try inspection.append(bytes)
        try inspection.finish()
        let source = Self.withoutByteOrderMark(bytes)
        switch kind {
        case .plainText: return Self.text(source, syntax: .plain)
        case .markdown: return Self.text(source, syntax: .markdown)
        case .html:
            let markdown = try await pandoc.markdown(fromHTML: HTMLPruner.prune(source))
            guard markdown.contains(where: { $0 > 0x20 }) else { throw Fault.documentEmpty }
            return Self.text(markdown[...], syntax: .markdown)
        }
    }

    private static func withoutByteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    }

    /// Line ends become line feeds.
    private static func text(_ bytes: ArraySlice<UInt8>, syntax: ExtractedText.Syntax) -> ExtractedText {
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        guard bytes.contains(carriageReturn) else {
            return ExtractedText(text: String(decoding: bytes, as: UTF8.self), syntax: syntax)
        }
        var unified: [UInt8] = []
        unified.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == carriageReturn {
                unified.append(lineFeed)
            } else if byte != lineFeed || previous != carriageReturn {
                unified.append(byte)
            }
            previous = byte
        }
        return ExtractedText(text: String(decoding: unified, as: UTF8.self), syntax: syntax)
    }
}
