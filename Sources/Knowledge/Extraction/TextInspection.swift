public import Primitives

/// Tells whether a file is text while it arrives, in pieces cut anywhere.
public struct TextInspection: Sendable {
    /// The beginning of a character whose end is in the next piece.
    private var carry: [UInt8] = []
    private var size = 0
    private var controls = 0
    private var isBlank = true

    /// One in this many bytes may be a control character other than tab, line end and form feed; terminal logs have
    /// some, binary formats have more.
    private static let bytesPerControl = 10

    public init() {}

    /// - Throws: `document_not_text` at the first byte that is not UTF-8 and at U+0000.
    public mutating func append(_ piece: some Collection<UInt8>) throws(Fault) {
        size += piece.count
        let bytes = carry + piece
        let whole = bytes.count - Self.lengthOfOpenCharacter(bytes)
        carry = Array(bytes[whole...])
        guard !bytes.contains(0), let text = String(validating: bytes[..<whole], as: UTF8.self) else {
            throw .documentNotText
        }
        controls += bytes.count { $0 < 0x20 && !(0x09...0x0D).contains($0) || $0 == 0x7F }
        isBlank = isBlank && text.unicodeScalars.allSatisfy(\.isInvisible)
    }

    /// - Throws: `document_empty`, or `document_not_text` where a character is cut or controls are too many.
    public func finish() throws(Fault) {
        guard carry.isEmpty, controls * Self.bytesPerControl <= size else { throw .documentNotText }
        guard !isBlank else { throw .documentEmpty }
    }

    /// 0–3: how many bytes at the end begin a character that is longer than what is there.
    private static func lengthOfOpenCharacter(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            switch bytes[bytes.count - length] {
            case 0x80...0xBF: continue
            case 0xC2...0xDF: return length < 2 ? length : 0
            case 0xE0...0xEF: return length < 3 ? length : 0
            case 0xF0...0xF4: return length
            default: return 0
            }
        }
        return 0
    }
}

extension Unicode.Scalar {
    /// White space, controls, and what has no width, such as a byte order mark.
    fileprivate var isInvisible: Bool {
        if properties.isWhitespace { return true }
        switch properties.generalCategory {
        case .control, .format: return true
        default: return false
        }
    }
}
