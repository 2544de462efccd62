/// A JSON value as it was written: numbers keep their text, objects their order.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

/// A JSON number, kept as its text so that nothing is lost to a binary float.
public struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// - Parameter description: text that is a number by RFC 8259 §6.
    init(verified description: String) {
        self.description = description
    }

    public init(_ value: some BinaryInteger) {
        description = String(value)
    }

    /// - Returns: nil for infinities and NaN, which JSON cannot say.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        let text = String(value)
        description = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The value if the number is whole and fits: `2`, `2.0` and `2e0` are 2.
    public var integer: Int? {
        if let whole = Int(description) { return whole }
        guard let double = Double(description), let whole = Int(exactly: double) else { return nil }
        // 1e-400 is too small for a float, and yet not 0.
        let digits = description.prefix { $0 != "e" && $0 != "E" }
        return whole != 0 || digits.allSatisfy { "-0.".contains($0) } ? whole : nil
    }

    /// The nearest binary float; nil when out of its range.
    public var double: Double? {
        Double(description).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The exact decimal; nil for exponents and for more than 38 digits.
    public var decimal: ExactDecimal? {
        ExactDecimal(description)
    }
}

/// The members of a JSON object in their order; names are unique.
public struct JSONObject: Sendable, Hashable {
    public private(set) var members: [Member]

    public struct Member: Sendable, Hashable {
        public let name: String
        public var value: JSON
    }

    public init(_ members: [(String, JSON)] = []) {
        self.members = members.map(Member.init)
    }

    /// - Parameter members: with unique names.
    init(members: [Member]) {
        self.members = members
    }

    public subscript(name: String) -> JSON? {
        get { members.firstIndex { $0.name == name }.map { members[$0].value } }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    public var isEmpty: Bool { members.isEmpty }
}

extension JSON {
    public init(_ value: Int) { self = .number(JSONNumber(value)) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self.init(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(nilLiteral: ()) { self = .null }
    public init(floatLiteral value: Double) { self = JSONNumber(value).map(JSON.number) ?? .null }

    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSON {
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var integer: Int? {
        if case .number(let value) = self { value.integer } else { nil }
    }

    public var double: Double? {
        if case .number(let value) = self { value.double } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name, if this is an object that has it.
    public subscript(name: String) -> JSON? {
        object?[name]
    }

    /// The element at that index, if this is an array that has it.
    public subscript(index: Int) -> JSON? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}
