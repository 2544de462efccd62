/// Writes JSON text straight into bytes, in the order of the calls.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter capacity: How many bytes can be written before more memory is asked for.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    public mutating func null() { raw("null") }
    public mutating func value(_ value: Bool) { raw(value ? "true" : "false") }
    public mutating func value(_ value: Int) { raw(String(value)) }
    public mutating func value(_ value: JSONNumber) { raw(value.description) }

    /// Infinities and NaN, which JSON cannot say, become null.
    public mutating func value(_ value: Double) {
        guard let number = JSONNumber(value) else { return null() }
        self.value(number)
    }

    public mutating func value(_ value: String) {
        separate()
        appendQuoted(value)
        needsComma = true
    }

    public mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .bool(let value): self.value(value)
        case .number(let number): value(number)
        case .string(let text): value(text)
        case .array(let elements): array { writer in for element in elements { writer.value(element) } }
        case .object(let object):
            self.object { writer in
                for member in object.members { writer.member(member.name) { $0.value(member.value) } }
            }
        }
    }

    /// Text that is JSON already, byte for byte.
    public mutating func unescaped(_ json: String) { raw(json) }

    public mutating func value(_ json: JSONText) { raw(json.text) }

    /// The moment in RFC 3339.
    public mutating func value(_ timestamp: Timestamp) {
        quoted { timestamp.write(to: &$0) }
    }

    public mutating func value<Entity>(_ id: Identifier<Entity>) {
        quoted { id.write(to: &$0) }
    }

    /// Text that needs no escape.
    private mutating func quoted(_ write: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested("{", "}", body)
    }

    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested("[", "]", body)
    }

    /// Inside `object`: a name, and the one value that `body` writes.
    public mutating func member(_ name: String, _ body: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        try body(&self)
        needsComma = true
    }

    /// Inside `object`: a name that was made ready before; its value is written next.
    public mutating func name(_ name: borrowing Name) {
        separate()
        name.bytes.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        needsComma = false
    }

    /// The name of a member, quoted and with its colon, for objects that are written again and again.
    public struct Name: Sendable {
        fileprivate let bytes: [UInt8]

        public init(_ name: String) {
            var writer = JSONWriter()
            writer.appendQuoted(name)
            bytes = writer.bytes + [UInt8(ascii: ":")]
        }
    }

    public mutating func member(_ name: String, _ text: String) {
        member(name) { $0.value(text) }
    }

    private mutating func nested(
        _ open: Unicode.Scalar,
        _ close: Unicode.Scalar,
        _ body: (inout JSONWriter) throws -> Void
    ) rethrows {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        try body(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// Bytes of a text between its quotes.
    public static func escapedLength(of text: some StringProtocol) -> Int {
        text.utf8.reduce(0) { length, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x0A, 0x0D, 0x09: length + 2
            case 0..<0x20, 0x7F: length + 6
            default: length + 1
            }
        }
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Most texts need no escape; a loop that nothing ends early is done with vectors.
            let escapes = utf8.reduce(0 as UInt8) { $0 | (Self.needsEscape($1) ? 1 : 0) }
            guard escapes != 0 else { return bytes.append(contentsOf: utf8) }
            var start = 0
            for index in utf8.indices where Self.needsEscape(utf8[index]) {
                bytes.append(contentsOf: utf8[start..<index])
                appendEscaped(utf8[index])
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        default:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(Self.hexadecimal[Int(byte >> 4)])
            bytes.append(Self.hexadecimal[Int(byte & 0xF)])
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}

extension JSON: CustomStringConvertible {
    /// The value as compact JSON text in UTF-8; equal values give equal bytes.
    public var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    public var description: String {
        String(decoding: encoded, as: UTF8.self)
    }
}
