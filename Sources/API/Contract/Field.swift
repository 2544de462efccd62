internal import Primitives

/// One kind of value in a request, declared once: its schema, and how a value is read and checked.
struct Field<Value: Sendable>: Sendable {
    private let makeSchema: @Sendable () -> Schema
    /// Stands in for a value that is missing or wrong, and while a request type is described; never used further.
    let placeholder: @Sendable () -> Value
    /// - Returns: nil if anything was wrong; then it is among the problems.
    let read: @Sendable (FieldInput, inout FieldProblems) -> Value?

    init(
        schema: @autoclosure @escaping @Sendable () -> Schema,
        placeholder: @autoclosure @escaping @Sendable () -> Value,
        read: @escaping @Sendable (FieldInput, inout FieldProblems) -> Value?
    ) {
        makeSchema = schema
        self.placeholder = placeholder
        self.read = read
    }

    /// Made when it is asked for: a request is read without.
    var schema: Schema { makeSchema() }

    /// The same with an example for the documentation.
    func example(_ example: JSON) -> Field {
        Field(schema: schema.with("examples", [example]), placeholder: placeholder(), read: read)
    }

    /// The same with a regular expression (ECMA-262) for the documentation, of a rule that `read` enforces.
    func pattern(_ pattern: String) -> Field {
        Field(schema: schema.with("pattern", .string(pattern)), placeholder: placeholder(), read: read)
    }
}

/// A value where it was found.
struct FieldInput {
    let json: JSON
    /// Where: `messages[0].content`.
    let path: String
    /// Path and query parameters are text: `"20"` is the integer 20 there, and nowhere else.
    let isText: Bool

    func child(_ json: JSON, _ step: String) -> FieldInput {
        FieldInput(
            json: json,
            path: path.isEmpty ? step : path + (step.hasPrefix("[") ? step : ".\(step)"),
            isText: isText
        )
    }
}

/// Everything wrong with a request, in the order it was found.
struct FieldProblems {
    private(set) var all: [FieldProblem] = []

    mutating func add(_ path: String, pt: String, en: String, value: JSON? = nil) {
        add(FieldProblem(field: path, message: LocalizedText(pt: pt, en: en), value: value.map(Self.excerpt)))
    }

    mutating func addMissing(_ path: String) {
        add(path, pt: "campo obrigatório", en: "field is required")
    }

    mutating func add(_ problem: FieldProblem) {
        // Beyond this a list of problems helps nobody and costs memory.
        guard all.count < 100 else { return }
        all.append(problem)
    }

    /// What was sent, cut to 80 characters.
    private static func excerpt(_ json: JSON) -> String {
        let text = json.string ?? json.description
        return text.count > 80 ? text.prefix(79) + "…" : text
    }
}

/// A request's body, or a part of it: a list of fields, from which decoding and schema both come.
///
/// The initialiser reads every field unconditionally, in order; it runs once over an empty description to make the
/// schema, and for each request.
protocol FieldList: Sendable {
    /// The name in `#/components/schemas`.
    static var schemaName: String { get }
    static var unknownFields: UnknownFields { get }
    init(from fields: inout FieldReader)
}

/// What happens to fields that a list does not name.
enum UnknownFields {
    /// They are problems, except those of the resource that cannot be written, which are ignored.
    case refused(exceptReadOnly: Set<String> = [])
    /// They are ignored; the request type may report them.
    case ignored
}

extension FieldList {
    static var schemaName: String { String(describing: Self.self) }
    static var unknownFields: UnknownFields { .refused() }

    static var schema: Schema {
        var reader = FieldReader.describing()
        _ = Self(from: &reader)
        let readOnly: Set<String>
        let allowsOthers: Bool
        switch unknownFields {
        case .refused(let names): (readOnly, allowsOthers) = (names, false)
        case .ignored: (readOnly, allowsOthers) = ([], true)
        }
        let ignored = readOnly.sorted().map {
            SchemaProperty(name: $0, schema: Schema([("readOnly", true)]), isRequired: false)
        }
        return Schema.object(reader.properties + ignored, allowsOthers: allowsOthers).named(schemaName)
    }
}
