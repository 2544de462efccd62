/// What makes a text no JSON, and where.
public struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    public enum Reason: String, Sendable {
        case unexpectedEnd = "unexpected end"
        case unexpectedCharacter = "unexpected character"
        case invalidUTF8 = "invalid UTF-8"
        case invalidEscape = "invalid escape"
        case tooDeep = "nested too deeply"
        case duplicateName = "name given twice in one object"
    }

    public let reason: Reason
    /// Bytes from the start.
    public let offset: Int

    public init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}

/// A parsed text, with the places whose strings cannot be stored.
public struct JSONDocument: Sendable {
    public let root: JSON
    /// Paths such as `messages[0].content` of strings (values or member names) that contain U+0000 or a lone surrogate.
    public let unstorablePaths: [String]
}

extension JSON {
    /// Nesting that is read; deeper is refused, so that no input can exhaust the stack.
    public static let maximumDepth = 64

    /// Parses strict JSON (RFC 8259): UTF-8, no byte order mark, no duplicate names, nothing after the value.
    public static func parse(_ bytes: some Collection<UInt8>) throws(JSONSyntaxError) -> JSONDocument {
        let bytes = [UInt8](bytes)
        // Member names become text on their own; the whole is verified once, so a slice of it is valid too.
        // ASCII, the usual case, is valid by itself.
        guard bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONSyntaxError(reason: .invalidUTF8, offset: Self.validUTF8PrefixLength(bytes))
        }
        var parser = JSONParser(bytes: bytes)
        let root = try parser.parseDocument()
        return JSONDocument(root: root, unstorablePaths: parser.unstorablePaths)
    }

    public static func parse(_ text: String) throws(JSONSyntaxError) -> JSONDocument {
        try parse(text.utf8)
    }

    private static func validUTF8PrefixLength(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            length += UTF8.width(scalar)
        }
        return length
    }
}

/// A recursive descent over verified UTF-8.
private struct JSONParser {
    private enum Step {
        /// Where the name stands; nil until it is known. It is read again where a path is told, which is rare.
        case name(at: Int?)
        case index(Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var path: [Step] = []
    private(set) var unstorablePaths: [String] = []

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func parseDocument() throws(JSONSyntaxError) -> JSON {
        skipSpace()
        let root = try parseValue()
        skipSpace()
        guard position == bytes.count else { throw failure(.unexpectedCharacter) }
        return root
    }

    private mutating func parseValue() throws(JSONSyntaxError) -> JSON {
        guard path.count < JSON.maximumDepth else { throw failure(.tooDeep) }
        guard let byte = current else { throw failure(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parse(literal: "true", as: .bool(true))
        case UInt8(ascii: "f"): return try parse(literal: "false", as: .bool(false))
        case UInt8(ascii: "n"): return try parse(literal: "null", as: .null)
        default: return try parseNumber()
        }
    }

    private mutating func parseObject() throws(JSONSyntaxError) -> JSON {
        position += 1
        var members: [JSONObject.Member] = []
        // Hashing costs more than looking through a few; many must not cost the square of their number.
        var names: Set<String>?
        skipSpace()
        if take("}") { return .object(JSONObject()) }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw unexpected() }
            let start = position
            path.append(.name(at: nil))
            let name = try parseString()
            if members.count == 16 { names = Set(members.map(\.name)) }
            let isNew = names?.insert(name).inserted ?? !members.contains { $0.name == name }
            guard isNew else {
                throw JSONSyntaxError(reason: .duplicateName, offset: start)
            }
            path[path.count - 1] = .name(at: start)
            skipSpace()
            guard take(":") else { throw unexpected() }
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try parseValue()))
            path.removeLast()
            skipSpace()
            if take("}") { return .object(JSONObject(members: members)) }
            guard take(",") else { throw unexpected() }
        }
    }

    private mutating func parseArray() throws(JSONSyntaxError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            skipSpace()
            path.append(.index(elements.count))
            elements.append(try parseValue())
            path.removeLast()
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw unexpected() }
        }
    }

    private mutating func parseString() throws(JSONSyntaxError) -> String {
        position += 1
        var runStart = position
        var text: [UInt8]? = nil
        var storable = true
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let run = bytes[runStart..<position]
                position += 1
                if !storable { unstorablePaths.append(pathDescription) }
                guard var text else { return String(decoding: run, as: UTF8.self) }
                text.append(contentsOf: run)
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                var unescaped = text ?? []
                unescaped.append(contentsOf: bytes[runStart..<position])
                let scalar = try parseEscape()
                if scalar == nil || scalar == "\0" { storable = false }
                unescaped.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
                text = unescaped
                runStart = position
            case 0..<0x20:
                throw failure(.unexpectedCharacter)
            default:
                position += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    /// - Returns: nil for a lone surrogate.
    private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar? {
        position += 1
        guard let byte = current else { throw failure(.unexpectedEnd) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default:
            position -= 1
            throw failure(.invalidEscape)
        }
        let unit = try parseHexadecimal()
        guard UTF16.isSurrogate(unit) else { return Unicode.Scalar(unit) }
        guard UTF16.isLeadSurrogate(unit), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        let beforeTrail = position
        position += 2
        let trail = try parseHexadecimal()
        guard UTF16.isTrailSurrogate(trail) else {
            position = beforeTrail
            return nil
        }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func parseHexadecimal() throws(JSONSyntaxError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw failure(.unexpectedEnd) }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw failure(.invalidEscape)
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSON {
        let start = position
        _ = take("-")
        if !take("0") {
            guard takeDigits() else { throw unexpected() }
        }
        if take("."), !takeDigits() { throw unexpected() }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard takeDigits() else { throw unexpected() }
        }
        return .number(JSONNumber(verified: String(decoding: bytes[start..<position], as: UTF8.self)))
    }

    private mutating func parse(literal: StaticString, as value: JSON) throws(JSONSyntaxError) -> JSON {
        for index in 0..<literal.utf8CodeUnitCount {
            guard let byte = current else { throw failure(.unexpectedEnd) }
            guard byte == literal.utf8Start[index] else { throw failure(.unexpectedCharacter) }
            position += 1
        }
        return value
    }

    private var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func takeDigits() -> Bool {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position > start
    }

    private func unexpected() -> JSONSyntaxError {
        failure(current == nil ? .unexpectedEnd : .unexpectedCharacter)
    }

    private func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: position)
    }

    /// The name that was read there before.
    private func name(at start: Int) -> String {
        var reader = JSONParser(bytes: bytes)
        reader.position = start
        return (try? reader.parseString()) ?? ""
    }

    private var pathDescription: String {
        var description = ""
        for step in path {
            switch step {
            case .name(let start):
                let name = start.map(name) ?? ""
                description += description.isEmpty ? name : ".\(name)"
            case .index(let index): description += "[\(index)]"
            }
        }
        return description
    }
}
