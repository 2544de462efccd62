internal import Primitives

/// Hands a `FieldList` its fields, one by one: out of a JSON object, or, to describe the list, out of nothing.
struct FieldReader {
    private let input: FieldInput
    private let object: JSONObject
    private let isDescribing: Bool
    private var names: Set<String> = []
    private(set) var problems = FieldProblems()
    private(set) var properties: [SchemaProperty] = []

    private init(input: FieldInput, object: JSONObject, isDescribing: Bool) {
        self.input = input
        self.object = object
        self.isDescribing = isDescribing
    }

    init(_ object: JSONObject, at input: FieldInput) {
        self.init(input: input, object: object, isDescribing: false)
    }

    static func describing() -> FieldReader {
        FieldReader(input: FieldInput(json: .null, path: "", isText: false), object: JSONObject(), isDescribing: true)
    }

    mutating func required<Value>(_ name: String, _ field: Field<Value>, _ about: String) -> Value {
        declare(name, field.schema, about, isRequired: true)
        guard !isDescribing else { return field.placeholder() }
        guard let json = object[name] else {
            problems.addMissing(path(name))
            return field.placeholder()
        }
        return field.read(input.child(json, name), &problems) ?? field.placeholder()
    }

    /// nil where the field is absent or null.
    mutating func optional<Value>(_ name: String, _ field: Field<Value>, _ about: String) -> Value? {
        declare(name, field.schema.nullable, about, isRequired: false)
        guard !isDescribing, let json = object[name], json != .null else { return nil }
        return field.read(input.child(json, name), &problems)
    }

    mutating func optional<Value>(
        _ name: String,
        _ field: Field<Value>,
        default value: Value,
        _ shown: JSON,
        _ about: String
    ) -> Value {
        declare(name, field.schema.with("default", shown), about, isRequired: false)
        guard !isDescribing, let json = object[name] else { return value }
        return field.read(input.child(json, name), &problems) ?? field.placeholder()
    }

    /// For a partial update: nil keeps what is stored.
    mutating func change<Value>(_ name: String, _ field: Field<Value>, _ about: String) -> Value? {
        declare(name, field.schema, about, isRequired: false)
        guard !isDescribing, let json = object[name] else { return nil }
        return field.read(input.child(json, name), &problems) ?? field.placeholder()
    }

    /// For a partial update of what may be null: nil keeps what is stored, `.some(nil)` clears it.
    mutating func nullableChange<Value>(_ name: String, _ field: Field<Value>, _ about: String) -> Value?? {
        declare(name, field.schema.nullable, about, isRequired: false)
        guard !isDescribing, let json = object[name] else { return nil }
        return json == .null ? .some(nil) : .some(field.read(input.child(json, name), &problems))
    }

    /// A rule across fields.
    mutating func check(_ holds: Bool, _ name: String, pt: String, en: String) {
        guard !isDescribing, !holds else { return }
        problems.add(path(name), pt: pt, en: en)
    }

    /// The names in the object that no field asked for.
    var unknownNames: [String] {
        object.members.map(\.name).filter { !names.contains($0) }
    }

    mutating func refuseUnknownNames(except readOnly: Set<String>) {
        for name in unknownNames where !readOnly.contains(name) {
            problems.add(path(name), pt: "campo desconhecido", en: "unknown field")
        }
    }

    private mutating func declare(
        _ name: String,
        _ schema: @autoclosure () -> Schema,
        _ about: String,
        isRequired: Bool
    ) {
        if isDescribing {
            let schema = about.isEmpty ? schema() : schema().with("description", .string(about))
            properties.append(SchemaProperty(name: name, schema: schema, isRequired: isRequired))
        } else {
            names.insert(name)
        }
    }

    private func path(_ name: String) -> String {
        input.path.isEmpty ? name : "\(input.path).\(name)"
    }
}

extension Field where Value: FieldList {
    /// A nested object.
    static func object(_ type: Value.Type) -> Field {
        Field(
            schema: type.schema,
            placeholder: {
                var reader = FieldReader.describing()
                return Value(from: &reader)
            }(),
            read: { Value.read($0, &$1)?.value }
        )
    }
}

extension FieldList {
    /// - Returns: the value, and the names that it ignores; nil if anything was wrong, which is then among the problems.
    static func read(_ input: FieldInput, _ problems: inout FieldProblems) -> (value: Self, ignoredNames: [String])? {
        guard let object = input.json.object else {
            problems.add(input.path, pt: "deve ser um objeto", en: "must be an object", value: input.json)
            return nil
        }
        var reader = FieldReader(object, at: input)
        let value = Self(from: &reader)
        if case .refused(let readOnly) = unknownFields { reader.refuseUnknownNames(except: readOnly) }
        guard reader.problems.all.isEmpty else {
            for problem in reader.problems.all { problems.add(problem) }
            return nil
        }
        return (value, reader.unknownNames)
    }
}
