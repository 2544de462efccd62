internal import Primitives

/// All that a route reads of a request: parameters of its path and query, and its JSON body, declared once.
protocol RequestFields: Sendable {
    init(from request: inout RequestReader)
}

/// A route that reads nothing.
struct NoFields: RequestFields {
    init(from request: inout RequestReader) {}
}

/// A route that reads its body alone.
struct BodyFields<Body: FieldList>: RequestFields {
    let body: Body

    init(from request: inout RequestReader) {
        body = request.body(Body.self)
    }
}

/// A list that is read with nothing to choose by.
struct PageFields: RequestFields {
    let page: PageRequest

    init(from request: inout RequestReader) {
        page = request.page()
    }
}

/// Hands `RequestFields` their values, or, to describe them, placeholders.
struct RequestReader {
    private let pathValues: [String: String]
    private let queryValues: [String: String]
    private let bodyJSON: JSON?
    private let isDescribing: Bool
    private(set) var problems = FieldProblems()
    private(set) var parameters: [Parameter] = []
    private(set) var bodySchema: Schema?
    private(set) var ignoredBodyFields: [String] = []

    struct Parameter: Sendable {
        let name: String
        let location: String
        let schema: Schema
        let about: String
        let isRequired: Bool
    }

    init(path: [String: String], query: [String: String], body: JSONDocument?) {
        pathValues = path
        queryValues = query
        bodyJSON = body?.root
        isDescribing = false
        for path in body?.unstorablePaths ?? [] {
            problems.add(
                path,
                pt: "contém U+0000 ou um surrogate isolado, que não podem ser guardados",
                en: "contains U+0000 or a lone surrogate, which cannot be stored"
            )
        }
        for (name, value) in query where value.unicodeScalars.contains("\0") {
            problems.add(name, pt: "contém U+0000", en: "contains U+0000")
        }
    }

    private init() {
        pathValues = [:]
        queryValues = [:]
        bodyJSON = nil
        isDescribing = true
    }

    static func describe(_ type: (some RequestFields).Type) -> RequestReader {
        var reader = RequestReader()
        _ = type.init(from: &reader)
        return reader
    }

    mutating func path<Value>(_ name: String, _ field: Field<Value>, _ about: String) -> Value {
        declare(name, "path", field.schema, about, isRequired: true)
        guard let text = pathValues[name] else { return field.placeholder() }
        return field.read(FieldInput(json: .string(text), path: name, isText: true), &problems) ?? field.placeholder()
    }

    mutating func query<Value>(_ name: String, _ field: Field<Value>, _ about: String) -> Value? {
        declare(name, "query", field.schema, about, isRequired: false)
        guard let text = queryValues[name], !text.isEmpty else { return nil }
        return field.read(FieldInput(json: .string(text), path: name, isText: true), &problems)
    }

    mutating func body<Body: FieldList>(_ type: Body.Type) -> Body {
        guard !isDescribing else {
            bodySchema = type.schema
            return Field.object(type).placeholder()
        }
        guard let body = readBody(type) else { return Field.object(type).placeholder() }
        ignoredBodyFields = body.ignoredNames
        return body.value
    }

    private mutating func readBody<Body: FieldList>(_ type: Body.Type) -> (value: Body, ignoredNames: [String])? {
        guard let bodyJSON else {
            problems.add("", pt: "o corpo da requisição é obrigatório", en: "a request body is required")
            return nil
        }
        return type.read(FieldInput(json: bodyJSON, path: "", isText: false), &problems)
    }

    private mutating func declare(
        _ name: String,
        _ location: String,
        _ schema: @autoclosure () -> Schema,
        _ about: String,
        isRequired: Bool
    ) {
        guard isDescribing else { return }
        parameters.append(
            Parameter(name: name, location: location, schema: schema(), about: about, isRequired: isRequired)
        )
    }
}

extension RequestReader {
    /// `limit` and `cursor` of every list.
    mutating func page() -> PageRequest {
        let limit = query("limit", .integer(1...100), "How many rows at most; 20 by default.")
        let cursor = query("cursor", .cursor, "`next_cursor` of the page before.")
        return PageRequest(limit: limit ?? 20, after: cursor)
    }
}

extension Field where Value == PageCursor {
    static let cursor = Field<String>(
        schema: Schema([("type", "string"), ("maxLength", 64)]),
        placeholder: "",
        read: { input, _ in input.json.string }
    ).refined(
        placeholder: PageCursor(createdAt: Timestamp(microsecondsSinceEpoch: 0), id: RequestID.none.uuid),
        pt: "cursor inválido",
        en: "invalid cursor",
        PageCursor.init
    )
}
