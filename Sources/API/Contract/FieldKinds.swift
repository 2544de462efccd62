internal import FoundationEssentials
internal import Primitives

extension Field where Value == String {
    /// Text of several lines: no control characters but tab and line ends.
    ///
    /// Lengths in Unicode code points.
    static func text(_ length: ClosedRange<Int>) -> Field {
        Field(
            schema: Schema([
                ("type", "string"), ("minLength", JSON(length.lowerBound)),
                ("maxLength", JSON(length.upperBound)),
                ("pattern", "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u2028\\u2029]*$"),
            ]),
            placeholder: "",
            read: { input, problems in
                guard let text = input.string(&problems) else { return nil }
                let isPlain = text.unicodeScalars.allSatisfy {
                    $0 == "\n" || $0 == "\t" || $0 == "\r" || !$0.isControl
                }
                guard isPlain else {
                    problems.add(input.path, pt: "contém caracteres de controle", en: "contains control characters")
                    return nil
                }
                return text.checked(length, input, &problems)
            }
        )
    }

    /// A name or title: one line, trimmed, in NFC, without control or bidi-override characters.
    static func name(_ length: ClosedRange<Int>) -> Field {
        Field(
            schema: Field.text(length).pattern(
                "^[^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069]*$"
            ).schema,
            placeholder: "",
            read: { input, problems in
                guard let text = input.string(&problems) else { return nil }
                guard text.unicodeScalars.allSatisfy({ !$0.isControl && !$0.isBidirectionalOverride }) else {
                    problems.add(
                        input.path,
                        pt: "contém caracteres de controle ou de direção de texto",
                        en: "contains control or text-direction characters"
                    )
                    return nil
                }
                return DisplayName.normalized(text).checked(length, input, &problems)
            }
        )
    }
}

extension Field where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Field {
        Field(
            schema: Schema([
                ("type", "integer"), ("minimum", JSON(range.lowerBound)),
                ("maximum", JSON(range.upperBound)),
            ]),
            placeholder: range.lowerBound,
            read: { input, problems in
                guard let value = input.isText ? input.json.string.flatMap({ Int($0) }) : input.json.integer else {
                    problems.add(
                        input.path,
                        pt: "deve ser um número inteiro",
                        en: "must be an integer",
                        value: input.json
                    )
                    return nil
                }
                guard range.contains(value) else {
                    problems.add(
                        input.path,
                        pt: "deve estar entre \(range.lowerBound) e \(range.upperBound)",
                        en: "must be between \(range.lowerBound) and \(range.upperBound)",
                        value: input.json
                    )
                    return nil
                }
                return value
            }
        )
    }
}

extension Field where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Field {
        Field(
            schema: Schema([
                ("type", "number"), ("minimum", .init(floatLiteral: range.lowerBound)),
                ("maximum", .init(floatLiteral: range.upperBound)),
            ]),
            placeholder: range.lowerBound,
            read: { input, problems in
                guard let value = input.json.double else {
                    problems.add(input.path, pt: "deve ser um número", en: "must be a number", value: input.json)
                    return nil
                }
                guard range.contains(value) else {
                    let (low, high) = (Schema.bound(range.lowerBound), Schema.bound(range.upperBound))
                    problems.add(
                        input.path,
                        pt: "deve estar entre \(low) e \(high)",
                        en: "must be between \(low) and \(high)",
                        value: input.json
                    )
                    return nil
                }
                return value
            }
        )
    }
}

extension Field where Value == Bool {
    static let boolean = Field(
        schema: Schema([("type", "boolean")]),
        placeholder: false,
        read: { input, problems in
            if let value = input.json.bool { return value }
            if input.isText, let value = input.json.string.flatMap(Bool.init) { return value }
            problems.add(input.path, pt: "deve ser true ou false", en: "must be true or false", value: input.json)
            return nil
        }
    )
}

extension Field where Value == ExactDecimal {
    /// An exact decimal as a string, as in `"199.90"`.
    static func decimal(integerDigits: Int, fractionDigits: Int, allowsNegative: Bool = false) -> Field {
        let sign = allowsNegative ? "-?" : ""
        return Field(
            schema: Schema([
                ("type", "string"),
                ("pattern", .string("^\(sign)[0-9]{1,\(integerDigits)}(\\.[0-9]{1,\(fractionDigits)})?$")),
            ]),
            placeholder: .zero,
            read: { input, problems in
                guard let text = input.json.string, let value = ExactDecimal(text),
                    allowsNegative || !text.hasPrefix("-"),
                    value.integerDigits <= integerDigits, value.fractionDigits <= fractionDigits
                else {
                    problems.add(
                        input.path,
                        pt: "deve ser um número decimal em texto, com até \(fractionDigits) casas, como \"199.90\"",
                        en: "must be a decimal string with at most \(fractionDigits) decimals, such as \"199.90\"",
                        value: input.json
                    )
                    return nil
                }
                return value
            }
        )
    }
}

extension Field where Value == Timestamp {
    static let timestamp = Field(
        schema: Schema([("type", "string"), ("format", "date-time")]),
        placeholder: Timestamp(microsecondsSinceEpoch: 0),
        read: { input, problems in
            guard let value = input.json.string.flatMap(Timestamp.init) else {
                problems.add(
                    input.path,
                    pt: "deve ser data e hora em RFC 3339, com fuso",
                    en: "must be an RFC 3339 date and time with offset",
                    value: input.json
                )
                return nil
            }
            return value
        }
    )
}

extension Field {
    /// An entity's id.
    static func id<Entity>() -> Field where Value == Identifier<Entity> {
        Field(
            schema: Schema([("type", "string"), ("format", "uuid")]),
            placeholder: .none,
            read: { input, problems in
                guard let id = input.json.string.flatMap({ Identifier<Entity>($0) }) else {
                    problems.add(input.path, pt: "deve ser um UUID", en: "must be a UUID", value: input.json)
                    return nil
                }
                return id
            }
        )
    }

    /// One of an enumeration's raw values.
    static func oneOf(_ type: Value.Type = Value.self, placeholder: Value) -> Field
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        Field(
            schema: Schema([("type", "string"), ("enum", .array(Value.allCases.map { .string($0.rawValue) }))]),
            placeholder: placeholder,
            read: { input, problems in
                guard let value = input.json.string.flatMap(Value.init(rawValue:)) else {
                    let list = Value.allCases.map(\.rawValue).joined(separator: ", ")
                    problems.add(
                        input.path,
                        pt: "deve ser um destes: \(list)",
                        en: "must be one of: \(list)",
                        value: input.json
                    )
                    return nil
                }
                return value
            }
        )
    }

    /// A list; every element's problems are reported.
    static func list<Element: Sendable>(of element: Field<Element>, _ count: ClosedRange<Int>) -> Field
    where Value == [Element] {
        Field(
            schema: Schema.array(of: element.schema).with("minItems", JSON(count.lowerBound))
                .with("maxItems", JSON(count.upperBound)),
            placeholder: [],
            read: { input, problems in
                guard let elements = input.json.array else {
                    problems.add(input.path, pt: "deve ser uma lista", en: "must be an array", value: input.json)
                    return nil
                }
                guard count.contains(elements.count) else {
                    problems.add(
                        input.path,
                        pt: "deve ter de \(count.lowerBound) a \(count.upperBound) itens",
                        en: "must have \(count.lowerBound) to \(count.upperBound) items"
                    )
                    return nil
                }
                let values = elements.enumerated().map { index, json in
                    element.read(input.child(json, "[\(index)]"), &problems)
                }
                let present = values.compactMap { $0 }
                return present.count == values.count ? present : nil
            }
        )
    }

    /// Any JSON object, at most so many bytes as compact JSON.
    static func freeObject(maximumBytes: Int) -> Field where Value == JSONObject {
        Field(
            schema: Schema([("type", "object"), ("additionalProperties", true)]),
            placeholder: JSONObject(),
            read: { input, problems in
                guard let object = input.json.object else {
                    problems.add(input.path, pt: "deve ser um objeto", en: "must be an object", value: input.json)
                    return nil
                }
                guard input.json.encoded.count <= maximumBytes else {
                    problems.add(
                        input.path,
                        pt: "deve ter no máximo \(maximumBytes) bytes",
                        en: "must be at most \(maximumBytes) bytes"
                    )
                    return nil
                }
                return object
            }
        )
    }

    /// A value with a rule of its own on top.
    func refined<Refined: Sendable>(
        placeholder: @autoclosure @escaping @Sendable () -> Refined,
        pt: String,
        en: String,
        _ transform: @escaping @Sendable (Value) -> Refined?
    ) -> Field<Refined> {
        Field<Refined>(
            schema: schema,
            placeholder: placeholder(),
            read: { input, problems in
                guard let value = read(input, &problems) else { return nil }
                guard let refined = transform(value) else {
                    problems.add(input.path, pt: pt, en: en, value: input.json)
                    return nil
                }
                return refined
            }
        )
    }
}

extension FieldInput {
    fileprivate func string(_ problems: inout FieldProblems) -> String? {
        if let text = json.string { return text }
        problems.add(path, pt: "deve ser um texto", en: "must be a string", value: json)
        return nil
    }
}

extension String {
    fileprivate func checked(
        _ length: ClosedRange<Int>,
        _ input: FieldInput,
        _ problems: inout FieldProblems
    ) -> String? {
        let count = unicodeScalars.count
        if length.contains(count) { return self }
        problems.add(
            input.path,
            pt: "deve ter de \(length.lowerBound) a \(length.upperBound) caracteres, tem \(count)",
            en: "must have \(length.lowerBound) to \(length.upperBound) characters, has \(count)"
        )
        return nil
    }
}

extension Schema {
    /// `2` rather than `2.0`.
    fileprivate static func bound(_ value: Double) -> String {
        JSONNumber(value)?.description ?? "\(value)"
    }
}
