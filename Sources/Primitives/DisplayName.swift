// Unicode normalisation is in the standard library, but not yet part of its stable interface;
// the alternative is the whole of Foundation.
@_spi(_Unicode) internal import Swift

/// The form in which names and titles are kept: trimmed, in NFC.
public enum DisplayName {
    public static func normalized(_ text: String) -> String {
        let trimmed = text.unicodeScalars.drop { $0.properties.isWhitespace }
        let end = trimmed.lastIndex { !$0.properties.isWhitespace }.map(trimmed.index(after:)) ?? trimmed.startIndex
        return String(trimmed[..<end])._nfc.reduce(into: "") { $0.unicodeScalars.append($1) }
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 controls, and the line and paragraph separators.
    public var isControl: Bool {
        properties.generalCategory == .control || value == 0x2028 || value == 0x2029
    }

    /// Characters that reorder the text around them (Unicode UAX #9: embeddings, overrides, isolates, marks), and with
    /// which a name can be made to read as another.
    public var isBidirectionalOverride: Bool {
        switch value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
