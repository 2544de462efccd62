internal import Primitives

extension AgentDefinition {
    /// Of `tools`, `interface_config` and `goals` together, as Postgres gives them back, in bytes of UTF-8.
    ///
    /// All else of an agent is below 25,400 bytes (6200 characters of 4 bytes, 600 of names, ids and times), so a page of
    /// 100 stays below 8 MiB.
    public static let maximumJSONSize = 56 << 10

    var jsonSize: Int { [tools, interfaceConfig, goals].reduce(0) { $0 + $1.storedSize } }
}

extension JSONText {
    fileprivate var storedSize: Int { (try? JSON.parse(text).root.storedSize) ?? text.utf8.count }
}

extension JSON {
    /// Bytes at most that Postgres makes of it as `jsonb`: with a space behind each colon and comma, and with numbers
    /// written out, so that `1e131071` takes 131,072.
    fileprivate var storedSize: Int {
        switch self {
        case .null, .bool: 5
        case .number(let number): number.writtenOutSize
        case .string(let text): JSONWriter.escapedLength(of: text) + 2
        case .array(let elements): elements.reduce(2) { $0 + $1.storedSize + 2 }
        case .object(let object):
            object.members.reduce(2) { $0 + JSONWriter.escapedLength(of: $1.name) + 4 + $1.value.storedSize + 2 }
        }
    }
}

extension JSONNumber {
    /// An exponent adds as many zeros at most; Postgres takes none above 131,071.
    fileprivate var writtenOutSize: Int {
        let exponent = description.split { $0 == "e" || $0 == "E" }.dropFirst().first
        let zeros = exponent.map { min(Int($0)?.magnitude ?? 1 << 20, 1 << 20) } ?? 0
        return description.utf8.count + Int(zeros)
    }
}
