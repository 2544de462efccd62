extension Substring {
    /// Without HTTP's optional white space around it: spaces and tabs (RFC 9110 §5.6.3).
    ///
    /// Byte by byte: a space with a combining mark behind it is one `Character`, which is no space.
    public var trimmingOptionalWhitespace: Substring {
        func isWhitespace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = utf8
        while let first = bytes.first, isWhitespace(first) { bytes.removeFirst() }
        while let last = bytes.last, isWhitespace(last) { bytes.removeLast() }
        return Substring(bytes)
    }
}
