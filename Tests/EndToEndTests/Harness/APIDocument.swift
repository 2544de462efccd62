internal import NIOHTTP1
internal import Primitives

/// The server's OpenAPI document, as tests read it.
struct APIDocument: Sendable {
    let root: JSON

    init(of server: RunningServer) async throws {
        guard let root = try await APIClient(server).get("/openapi.json").json else {
            throw ProgramFailure("/openapi.json is no JSON")
        }
        self.root = root
    }

    struct Operation: Sendable, CustomStringConvertible {
        let method: HTTPMethod
        /// Such as `/api/v2/agents/{agent_id}`.
        let path: String
        let parameters: [Parameter]
        /// By content type.
        let bodies: [String: APISchema]
        let needsTenant: Bool
        /// The scope with which an API key may call it; nil where none may.
        let keyScope: String?
        let statuses: Set<Int>

        var description: String { "\(method) \(path)" }

        /// Answers with an event stream, always or where it is asked to.
        let isStream: Bool

        var isRead: Bool { method == .GET }

        var jsonBody: APISchema? { bodies["application/json"] }

        /// The path with its parameters' values put in.
        func path(_ values: [String: String]) throws -> String {
            try path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
                guard segment.hasPrefix("{") else { return String(segment) }
                let name = String(segment.dropFirst().dropLast())
                guard let value = values[name] else {
                    throw ProgramFailure("no test value for {\(name)} of \(self): add it to Shop.ids")
                }
                return value
            }
            .joined(separator: "/")
        }
    }

    struct Parameter: Sendable {
        let name: String
        /// Such as `path`, `query`, `header`.
        let location: String
        let schema: APISchema
    }

    var operations: [Operation] {
        (root["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { method in
                let operation = method.value
                let responses = operation["responses"]?.object?.members ?? []
                return Operation(
                    method: HTTPMethod(rawValue: method.name.uppercased()),
                    path: path.name,
                    parameters: (operation["parameters"]?.array ?? []).map { parameter in
                        Parameter(
                            name: parameter["name"]?.string ?? "",
                            location: parameter["in"]?.string ?? "",
                            schema: APISchema(parameter["schema"] ?? .null, in: root)
                        )
                    },
                    bodies: (operation["requestBody"]?["content"]?.object?.members ?? []).reduce(into: [:]) {
                        $0[$1.name] = APISchema($1.value["schema"] ?? .null, in: root)
                    },
                    needsTenant: operation["security"]?.array?.isEmpty == false,
                    keyScope: operation["x-required-scope"]?.string,
                    statuses: Set(responses.compactMap { Int($0.name) }),
                    isStream: responses.contains { $0.value["content"]?["text/event-stream"] != nil }
                )
            }
        }
    }

    /// Those behind a tenant's credential.
    var tenantOperations: [Operation] { operations.filter(\.needsTenant) }
}

/// A schema of the document with its references followed.
struct APISchema: Sendable {
    private let schema: JSONObject
    private let root: JSON

    init(_ json: JSON, in root: JSON) {
        self.root = root
        schema = Self.resolve(json, root)
    }

    private static func resolve(_ json: JSON, _ root: JSON) -> JSONObject {
        if let name = json["$ref"]?.string {
            return resolve(
                root["components"]?["schemas"]?[String(name.split(separator: "/").last ?? "")] ?? .null,
                root
            )
        }
        // X or null.
        if let branches = json["anyOf"]?.array, let branch = branches.first(where: { $0["type"]?.string != "null" }) {
            return resolve(branch, root)
        }
        return json.object ?? JSONObject()
    }

    /// `string`, `integer`, …; null apart.
    var type: String? {
        schema["type"]?.string ?? schema["type"]?.array?.compactMap(\.string).first { $0 != "null" }
    }

    var isID: Bool { schema["format"]?.string == "uuid" }
    var hasEnumeration: Bool { schema["enum"] != nil }
    /// Whether a text is not of the form that is asked for; most forms only keep control characters out.
    func refuses(_ text: String) -> Bool {
        if schema["format"] != nil { return true }
        guard let pattern = schema["pattern"]?.string, let form = try? Regex(pattern) else { return false }
        return text.firstMatch(of: form) == nil
    }
    var maximumLength: Int? { schema["maxLength"]?.integer }
    var minimumLength: Int? { schema["minLength"]?.integer }
    var minimum: Double? { schema["minimum"]?.double }
    var maximum: Double? { schema["maximum"]?.double }
    var maximumItems: Int? { schema["maxItems"]?.integer }
    var refusesOthers: Bool { schema["additionalProperties"] == false }
    var required: Set<String> { Set((schema["required"]?.array ?? []).compactMap(\.string)) }
    var items: APISchema? { schema["items"].map { APISchema($0, in: root) } }

    /// Those that can be written.
    var properties: [(name: String, schema: APISchema)] {
        (schema["properties"]?.object?.members ?? []).filter { $0.value["readOnly"] != true }
            .map { ($0.name, APISchema($0.value, in: root)) }
    }
}
