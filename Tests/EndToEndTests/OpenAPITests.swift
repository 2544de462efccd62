internal import FoundationEssentials
internal import NIOHTTP1
internal import Primitives
internal import Testing

@Suite("The OpenAPI document", .server())
struct OpenAPITests {
    @Test("Every operation is routed, and answers with a status that it documents")
    func routed() async throws {
        let server = try RunningServer.current
        let document = try await APIDocument(of: server)
        let shop = try await Shop.open(TestOrganization(server))
        let ids = shop.ids.merging(["file": "favicon.png"]) { old, _ in old }
        // What is deleted comes last, and what others stand on at the very end.
        let operations =
            document.operations.filter { $0.method != .DELETE }
            + document.operations.filter { $0.method == .DELETE }.reversed()
        for operation in operations {
            if operation.isStream, operation.isRead {
                _ = try await shop.organization.admin.events(operation.path(ids)) { try await $0.next() }
                continue
            }
            let response = try await shop.send(operation, as: shop.organization.admin, path: ["file": "favicon.png"])
            #expect(operation.statuses.contains(response.status), "\(operation): \(response)")
            #expect(response.errorCode != "not_found" && response.status != 405, "\(operation): \(response)")
            guard operation.needsTenant, response.status != 200 || response.errorCode != nil else { continue }
            #expect((200..<300).contains(response.status), "\(operation): \(response)")
        }
    }

    @Test(
        "Names every operation once, every reference points at something, and every answer of an error is the envelope"
    )
    func consistent() async throws {
        let document = try await APIDocument(of: .current).root
        #expect(document["openapi"]?.string?.hasPrefix("3.1") == true)
        let schemas = Set((document["components"]?["schemas"]?.object?.members ?? []).map(\.name))
        let dangling = document.references.subtracting(schemas.map { "#/components/schemas/\($0)" })
        #expect(dangling.isEmpty)
        var names: [String] = []
        for path in document["paths"]?.object?.members ?? [] {
            for operation in path.value.object?.members ?? [] {
                names.append(operation.value["operationId"]?.string ?? "?")
                let placeholders = Set(path.name.matches(of: /\{([a-z_]+)\}/).map { String($0.1) })
                let declared = (operation.value["parameters"]?.array ?? []).filter { $0["in"] == "path" }
                #expect(
                    Set(declared.compactMap { $0["name"]?.string }) == placeholders,
                    "\(operation.name) \(path.name)"
                )
                for response in operation.value["responses"]?.object?.members ?? [] where response.name >= "400" {
                    let schema = response.value["content"]?["application/json"]?["schema"]
                    // Readiness says what is wrong in its own shape.
                    let name = path.name == "/ready" && response.name == "503" ? "Readiness" : "Error"
                    let reference = "#/components/schemas/\(name)"
                    #expect(schema?["$ref"] == .string(reference), "\(operation.name) \(path.name)")
                }
            }
        }
        #expect(Set(names).count == names.count)
    }

    @Test("Answers have exactly the members that their schemas name")
    func answers() async throws {
        let server = try RunningServer.current
        let document = try await APIDocument(of: server)
        let shop = try await Shop.open(TestOrganization(server))
        for operation in document.tenantOperations where operation.isRead && !operation.isStream {
            let response = try await shop.send(operation, as: shop.organization.admin)
            let schema = document.root["paths"]?[operation.path]?["get"]?["responses"]?["200"]?["content"]?[
                "application/json"
            ]?["schema"]
            let problems = try SchemaCheck(root: document.root).problems(
                response.json ?? .null,
                schema ?? .null,
                at: ""
            )
            #expect(problems.isEmpty, "\(operation): \(problems.prefix(5))")
        }
    }
}

/// The part of JSON Schema that the document uses, for checking answers.
private struct SchemaCheck {
    let root: JSON

    func problems(_ value: JSON, _ schema: JSON, at place: String) throws -> [String] {
        if let name = schema["$ref"]?.string {
            let target = root["components"]?["schemas"]?[String(name.split(separator: "/").last ?? "")]
            return try problems(value, #require(target), at: place)
        }
        if let branches = schema["anyOf"]?.array {
            let all = try branches.map { try self.problems(value, $0, at: place) }
            return all.contains(where: \.isEmpty) ? [] : all.first ?? []
        }
        if let constant = schema["const"], constant != value { return ["\(place) is not \(constant)"] }
        if let allowed = schema["enum"]?.array, !allowed.contains(value) { return ["\(place): \(value) is not listed"] }
        let types = (schema["type"]?.array ?? schema["type"].map { [$0] } ?? []).compactMap(\.string)
        guard types.isEmpty || types.contains(where: value.isOfType) else { return ["\(place) is no \(types)"] }
        var problems: [String] = []
        if let object = value.object, let properties = schema["properties"]?.object {
            let names = Set(object.members.map(\.name))
            for name in (schema["required"]?.array ?? []).compactMap(\.string) where !names.contains(name) {
                problems.append("\(place).\(name) is missing")
            }
            for member in object.members {
                if let property = properties[member.name] {
                    problems += try self.problems(member.value, property, at: "\(place).\(member.name)")
                } else if schema["additionalProperties"] == false {
                    problems.append("\(place).\(member.name) is not documented")
                }
            }
        }
        if let items = schema["items"] {
            for (index, element) in (value.array ?? []).enumerated() {
                problems += try self.problems(element, items, at: "\(place)[\(index)]")
            }
        }
        return problems
    }
}

extension JSON {
    fileprivate func isOfType(_ name: String) -> Bool {
        switch self {
        case .null: name == "null"
        case .bool: name == "boolean"
        case .number(let number): name == "number" || name == "integer" && number.integer != nil
        case .string: name == "string"
        case .array: name == "array"
        case .object: name == "object"
        }
    }

    /// All values of `$ref`.
    fileprivate var references: Set<String> {
        switch self {
        case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.references) }
        case .object(let object):
            object.members.reduce(into: []) { found, member in
                if member.name == "$ref", let target = member.value.string {
                    found.insert(target)
                } else {
                    found.formUnion(member.value.references)
                }
            }
        default: []
        }
    }
}
