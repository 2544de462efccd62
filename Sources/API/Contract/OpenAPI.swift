internal import HTTPTypes
internal import Auth
internal import Primitives
internal import Tenancy

/// The OpenAPI 3.1 document, made from the same operations that are routed.
struct OpenAPI {
    let version: String
    let operations: [Operation]

    /// - Returns: the document as JSON.
    var document: [UInt8] {
        var components: [String: JSONObject] = [:]
        var paths: [(String, JSON)] = []
        for path in operations.map(\.path).uniqued() {
            var item: [(String, JSON)] = []
            for operation in operations where operation.path == path {
                item.append((operation.method.rawValue.lowercased(), describe(operation, &components)))
            }
            paths.append((path, .object(JSONObject(item))))
        }
        components.merge(Self.errorSchemas) { old, _ in old }
        let schemas = components.sorted { $0.key < $1.key }.map { ($0.key, JSON.object($0.value)) }
        return JSON.object(
            JSONObject([
                ("openapi", "3.1.0"),
                (
                    "info",
                    [
                        "title": "Agentes de Conversão", "version": .string(version),
                        "description": .string(Self.about),
                    ]
                ),
                ("paths", .object(JSONObject(paths))),
                (
                    "components",
                    [
                        "schemas": .object(JSONObject(schemas)),
                        "securitySchemes": [
                            "bearer": [
                                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                                "description": "A person's session token of Clerk.",
                            ],
                            "session": [
                                "type": "apiKey", "in": "cookie", "name": "__session",
                                "description": "The same token, for GET from the dashboard's own pages.",
                            ],
                            "key": [
                                "type": "http", "scheme": "bearer", "bearerFormat": "adc_sk_live_…",
                                "description": .string(Self.aboutKeys),
                            ],
                            "ticket": [
                                "type": "apiKey", "in": "query", "name": "ticket",
                                "description": .string(Self.aboutTickets),
                            ],
                        ],
                    ]
                ),
            ])
        ).encoded
    }

    private func describe(_ operation: Operation, _ components: inout [String: JSONObject]) -> JSON {
        var members: [(String, JSON)] = [
            ("operationId", .string(operation.operationID)),
            ("summary", .string(operation.summary)),
            ("tags", [.string(operation.tag)]),
        ]
        var parameters = operation.parameters.map { parameter -> JSON in
            components.merge(parameter.schema.components) { old, _ in old }
            var members = JSONObject([
                ("name", .string(parameter.name)), ("in", .string(parameter.location)),
                ("required", .bool(parameter.isRequired)), ("description", .string(parameter.about)),
                ("schema", .object(parameter.schema.json)),
            ])
            // `?agent_id=` is what a form sends for a field that was not filled in: the parameter is absent.
            if parameter.location == "query" { members["allowEmptyValue"] = true }
            return .object(members)
        }
        if operation.acceptsIdempotencyKey { parameters.append(Self.idempotencyKey) }
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body = operation.body {
            components.merge(body.schema.components) { old, _ in old }
            var media = JSONObject([("schema", .object(body.schema.json))])
            if !body.encoding.isEmpty {
                media["encoding"] = .object(JSONObject(body.encoding.map { ($0, ["contentType": .string($1)]) }))
            }
            let content = JSONObject([(body.contentType, .object(media))])
            members.append(("requestBody", ["required": true, "content": .object(content)]))
        }
        members.append(("responses", .object(responses(of: operation, &components))))
        members += Self.access(to: operation)
        return .object(JSONObject(members))
    }

    /// `security`, where the names beside a scheme are what the caller must hold (OpenAPI 3.1 §4.8.30), and the same in
    /// words.
    private static func access(to operation: Operation) -> [(String, JSON)] {
        guard case .tenant(let rule) = operation.access else { return [("security", [])] }
        var held: [JSON] = []
        var members: [(String, JSON)] = []
        var words: String
        switch rule.people {
        case .anyMember:
            words = "People: any member."
        case .admins:
            words = "People: admins."
            held = [.string(Role.admin.rawValue)]
            members = [("x-required-role", held[0])]
        case .holding(let permission):
            words = "People: admins, and members with `\(permission.rawValue)`."
            held = [.string(permission.rawValue)]
            members = [("x-required-permission", held[0])]
        }
        var security: [JSON] = [["bearer": .array(held)]]
        if operation.method == .get { security.append(["session": .array(held)]) }
        switch rule.keys {
        case .refused:
            words += " API keys: none."
        case .scope(let scope):
            words += " API keys: scope `\(scope.rawValue)`."
            security.append(["key": [.string(scope.rawValue)]])
            members.append(("x-required-scope", .string(scope.rawValue)))
        }
        if operation.takesTickets {
            words += " Or anybody with a ticket."
            security.append(["ticket": []])
        }
        return [("description", .string(words)), ("security", .array(security))] + members
    }

    private func responses(of operation: Operation, _ components: inout [String: JSONObject]) -> JSONObject {
        var responses: [(String, JSON)] = []
        for status in operation.success.map(\.status.code).uniqued() {
            let successes = operation.success.filter { $0.status.code == status }
            var content = JSONObject()
            for success in successes {
                components.merge(success.schema.components) { old, _ in old }
                content[success.contentType] = ["schema": .object(success.schema.json)]
            }
            responses.append(
                (
                    String(status),
                    [
                        "description": .string(successes.map(\.about).joined(separator: " · ")),
                        "content": .object(content),
                    ]
                )
            )
        }
        let faults = Dictionary(grouping: everyFault(of: operation), by: \.kind.status.code)
        for (status, codes) in faults.sorted(by: { $0.key < $1.key }) {
            let names = codes.map(\.rawValue).uniqued().sorted()
            let schema = Schema([("$ref", "#/components/schemas/Error")])
            responses.append(
                (
                    String(status),
                    [
                        "description": .string(names.map { "`\($0)`" }.joined(separator: ", ")),
                        "content": .object(Self.content("application/json", schema)),
                    ]
                )
            )
        }
        return JSONObject(responses)
    }

    /// The operation's own faults, and those of the stages that its requests pass.
    private func everyFault(of operation: Operation) -> [Fault.Code] {
        // Nothing is unpacked, so any route refuses a Content-Encoding.
        var codes = operation.faults + [.internalFailure, .unsupportedMediaType]
        if operation.manner != .probe { codes += [.draining, .rateLimited] }
        if case .tenant = operation.access { codes += Operation.tenantFaults + [.validation, .malformedRequest] }
        if operation.takesTickets { codes += [.ticketMalformed, .ticketInvalid, .ticketExpired, .ticketUsed] }
        // A body is read where one may come, also of a DELETE.
        if operation.method != .get { codes += [.malformedRequest, .bodyTooLarge, .requestTimeout] }
        if operation.body != nil { codes += [.malformedJSON, .validation] }
        if operation.acceptsIdempotencyKey { codes.append(.idempotencyKeyReused) }
        // What may be gone in a moment, a stream answers with 200 and `retry`.
        return operation.manner == .eventStream ? codes.filter { !$0.kind.isPassing } : codes
    }

    private static func content(_ type: String, _ schema: Schema) -> JSONObject {
        JSONObject([(type, ["schema": .object(schema.json)])])
    }

    private static let idempotencyKey: JSON = [
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "The same key and body get the first answer again, for 24 hours.",
        "schema": ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"],
    ]

    private static let errorSchemas: [String: JSONObject] = {
        let problem = Schema.object([
            SchemaProperty(name: "field", schema: Output<String>.text.schema, isRequired: true),
            SchemaProperty(name: "message", schema: Output<String>.text.schema, isRequired: true),
            SchemaProperty(name: "value", schema: Output<String>.text.schema, isRequired: false),
        ]).named("FieldProblem")
        let error = Schema.object([
            SchemaProperty(name: "success", schema: Schema([("const", false)]), isRequired: true),
            SchemaProperty(name: "error", schema: Output<String>.text.schema, isRequired: true),
            SchemaProperty(name: "error_code", schema: Output<String>.text.schema, isRequired: true),
            SchemaProperty(name: "request_id", schema: Output<RequestID>.id().schema, isRequired: true),
            SchemaProperty(name: "timestamp", schema: Output<Timestamp>.timestamp.schema, isRequired: true),
            SchemaProperty(name: "validation_errors", schema: .array(of: problem), isRequired: false),
        ]).named("Error")
        return error.components
    }()

    private static let aboutKeys = """
        An API key, for servers, of the form `^adc_sk_live_[0-9A-Za-z]{69}$`. Scopes: \(KeyScope.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")).
        """

    private static let aboutTickets = """
        A ticket of `POST /api/v2/events/tickets`, `^adc_tk_[0-9A-Za-z]{58}$`, to be used within 60 seconds. Its first use \
        makes it a pass: the same URL opened again with a `Last-Event-ID` goes on, for 12 hours, one connection at a time. A \
        newer connection takes an older one's place.
        """

    private static let about = """
        Conversational agents that convert visitors into customers. Every answer is in one envelope; every error has a \
        stable `error_code` and a `request_id`.
        """
}

extension Operation {
    fileprivate static let tenantFaults: [Fault.Code] = [
        .tokenMissing, .authorizationMalformed, .sessionCookieRefused, .tokenTooLarge, .tokenMalformed,
        .tokenTypeInvalid, .tokenAlgorithmInvalid, .tokenKeyUnknown, .tokenSignatureInvalid, .tokenClaimsInvalid,
        .tokenAudienceInvalid, .tokenPartyInvalid, .tokenExpired, .tokenNotYetValid, .tokenIssuerInvalid,
        .sessionPending, .organizationRequired, .organizationSuspended, .organizationDeleted, .membershipRemoved,
        .userBanned, .userDeleted, .sessionEnded, .permissionDenied, .apiKeyMalformed, .apiKeyInvalid, .apiKeyRevoked,
        .apiKeyExpired, .apiKeyCreatorRemoved, .apiKeyScopeMissing, .apiKeyAgentDenied, .peopleOnly, .rateLimited,
        .tokenKeysUnavailable, .databaseUnavailable,
    ]

    /// `get_agents_agent_id`.
    fileprivate var operationID: String {
        // Only a tenant's routes are known without their base: /health is not /api/v2/health.
        let path = if case .tenant = access { pathBelowBase } else { self.path[...] }
        let words = path.split { !$0.isLetter && !$0.isNumber }
        return ([Substring(method.rawValue.lowercased())] + words).joined(separator: "_")
    }
}

extension Sequence where Element: Hashable {
    /// The elements in order, each once.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
