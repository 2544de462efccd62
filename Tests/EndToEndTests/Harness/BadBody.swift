internal import Primitives

/// A body that no route may take for its own.
struct BadBody: Sendable {
    let about: String
    let bytes: [UInt8]
    let contentType: String?
    let statuses: Set<Int>

    static func all(valid: JSON) -> [BadBody] {
        let text = valid.encoded
        let open = UInt8(ascii: "[")
        return [
            BadBody("cut off", Array(text.dropLast()), statuses: [400]),
            BadBody("followed by more", text + Array("{}".utf8), statuses: [400]),
            BadBody("no JSON", Array("nome=Clara&tipo=agente".utf8), statuses: [400]),
            BadBody("single quotes", Array("{'name': 'Clara'}".utf8), statuses: [400]),
            BadBody("NaN", Array(#"{"temperature": NaN}"#.utf8), statuses: [400]),
            BadBody("invalid UTF-8", Array(#"{"name": ""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8), statuses: [400]),
            BadBody("overlong UTF-8", Array(#"{"name": ""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8), statuses: [400]),
            BadBody("raw control character", Array(#"{"name": ""#.utf8) + [0] + Array(#""}"#.utf8), statuses: [400]),
            BadBody("100,000 brackets", Array(repeating: open, count: 100_000), statuses: [400]),
            BadBody(
                "nested deeply and closed",
                Array(#"{"name": "#.utf8) + Array(repeating: open, count: 5000)
                    + Array(repeating: UInt8(ascii: "]"), count: 5000) + Array("}".utf8),
                statuses: [400, 422]
            ),
            BadBody("a name twice", Array(#"{"name": "a", "name": "b"}"#.utf8), statuses: [400, 422]),
            BadBody("an array", Array("[]".utf8), statuses: [422]),
            BadBody("a string", Array(#""texto""#.utf8), statuses: [422]),
            BadBody("null", Array("null".utf8), statuses: [422]),
            BadBody("nothing", [], statuses: [400, 415, 422]),
            BadBody("over the limit", Array(repeating: UInt8(ascii: " "), count: (6 << 20) + 1), statuses: [413]),
            BadBody("text/plain", text, contentType: "text/plain", statuses: [415]),
            BadBody("a form", text, contentType: "application/x-www-form-urlencoded", statuses: [415]),
            BadBody("no type", text, contentType: nil, statuses: [415]),
        ]
    }

    private init(_ about: String, _ bytes: [UInt8], contentType: String? = "application/json", statuses: Set<Int>) {
        self.about = about
        self.bytes = bytes
        self.contentType = contentType
        self.statuses = statuses
    }
}

/// A body in which one property, or all of them, cannot be taken.
struct BadProperty: Sendable {
    let about: String
    /// The names that the answer must list.
    let fields: Set<String>
    let bytes: [UInt8]

    static func all(_ schema: APISchema, valid: JSON) -> [BadProperty] {
        guard let object = valid.object else { return [] }
        var all: [BadProperty] = []
        func add(_ about: String, _ name: String, _ value: JSON) {
            var changed = object
            changed[name] = value
            all.append(BadProperty(about: "\(name): \(about)", fields: [name], bytes: JSON.object(changed).encoded))
        }
        for (name, property) in schema.properties {
            if let wrong = property.wrongType { add("wrong type", name, wrong) }
            for (about, value) in property.outOfBounds { add(about, name, value) }
            guard property.type == "string" else { continue }
            // Neither can be written by hand with JSON's own means: the marker is replaced in the text.
            for escape in [#"\u0000"#, #"\ud800"#, #"\udc00\ud800"#] {
                var changed = object
                changed[name] = "MARCA"
                let text = JSON.object(changed).description.replacing("MARCA", with: "a\(escape)b")
                all.append(BadProperty(about: "\(name): \(escape)", fields: [name], bytes: Array(text.utf8)))
            }
        }
        for name in schema.required.sorted() {
            var changed = object
            changed[name] = nil
            all.append(BadProperty(about: "\(name): missing", fields: [name], bytes: JSON.object(changed).encoded))
        }
        if schema.refusesOthers { add("unknown", "campo_inventado", 1) }
        all.append(everythingWrong(schema))
        return all
    }

    private static func everythingWrong(_ schema: APISchema) -> BadProperty {
        var object = JSONObject()
        for (name, property) in schema.properties { object[name] = property.wrongType }
        return BadProperty(
            about: "everything wrong",
            fields: Set(object.members.map(\.name)).union(schema.required),
            bytes: JSON.object(object).encoded
        )
    }
}

extension APISchema {
    /// nil where every type is taken.
    fileprivate var wrongType: JSON? {
        switch type {
        case nil: nil
        case "boolean": "sim"
        case "object": 42
        case "array": "lista"
        default: true
        }
    }

    /// Of the right type, and yet not to be taken.
    fileprivate var outOfBounds: [(String, JSON)] {
        var all: [(String, JSON)] = []
        if let maximumLength { all.append(("too long", .string(String(repeating: "a", count: maximumLength + 1)))) }
        if let minimumLength, minimumLength > 0 {
            all.append(("too short", .string(String(repeating: "a", count: minimumLength - 1))))
        }
        if let minimum { all.append(("too small", JSON(floatLiteral: minimum - 1))) }
        if let maximum { all.append(("too large", JSON(floatLiteral: maximum + 1))) }
        if let maximumItems { all.append(("too many", .array(Array(repeating: [:], count: maximumItems + 1)))) }
        if hasEnumeration { all.append(("not in the list", "inventado")) }
        if refuses("não é") { all.append(("not of the form", "não é")) }
        if type == "integer" { all.append(("a fraction", 1.5)) }
        return all
    }

    /// Values of a query parameter that cannot be taken, percent-encoded.
    func badTexts(cursor: Bool) -> [String] {
        var all = ["%00"]
        if let maximumLength { all.append(String(repeating: "a", count: maximumLength + 1)) }
        switch type {
        case "integer": all += ["abc", "1.5", "99999999999999999999", "-1", "0x10", "%20"]
        case "string":
            let texts = [("inventado", "inventado"), ("' OR 1=1--", "'%20OR%201=1--"), ("💣", "%F0%9F%92%A3")]
            all += texts.filter { cursor || hasEnumeration || refuses($0.0) }.map(\.1)
        default: break
        }
        return all
    }
}
