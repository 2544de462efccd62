internal import Primitives

/// A JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) with the named schemas that it refers to.
struct Schema: Sendable {
    var json: JSONObject
    /// What `#/components/schemas/<name>` in `json` means.
    var components: [String: JSONObject]

    init(_ members: [(String, JSON)], components: [String: JSONObject] = [:]) {
        json = JSONObject(members)
        self.components = components
    }

    /// An object with these properties and no others.
    static func object(_ properties: [SchemaProperty], allowsOthers: Bool = false) -> Schema {
        var members: [(String, JSON)] = [
            ("type", "object"),
            ("properties", .object(JSONObject(properties.map { ($0.name, .object($0.schema.json)) }))),
        ]
        let required = properties.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        if !allowsOthers { members.append(("additionalProperties", false)) }
        return Schema(
            members,
            components: properties.reduce(into: [:]) { $0.merge($1.schema.components) { _, new in new } }
        )
    }

    /// This schema under a name, as a reference to it.
    func named(_ name: String) -> Schema {
        Schema(
            [("$ref", .string("#/components/schemas/\(name)"))],
            components: components.merging([name: json]) { _, new in new }
        )
    }

    func with(_ name: String, _ value: JSON) -> Schema {
        var copy = self
        copy.json[name] = value
        return copy
    }

    /// The names of an object's properties that can be written.
    var writableNames: Set<String> {
        let name = json["$ref"]?.string?.split(separator: "/").last.map(String.init)
        let object = name.flatMap { components[$0] } ?? json
        return Set((object["properties"]?.object?.members ?? []).filter { $0.value["readOnly"] != true }.map(\.name))
    }

    /// The schema, or null.
    var nullable: Schema {
        if let type = json["type"]?.string, json["enum"] == nil { return with("type", [.string(type), "null"]) }
        return Schema([("anyOf", [.object(json), ["type": "null"]])], components: components)
    }

    static func array(of element: Schema) -> Schema {
        Schema([("type", "array"), ("items", .object(element.json))], components: element.components)
    }

    static func anyOf(_ schemas: [Schema]) -> Schema {
        Schema(
            [("anyOf", .array(schemas.map { .object($0.json) }))],
            components: schemas.reduce(into: [:]) { $0.merge($1.components) { _, new in new } }
        )
    }
}

struct SchemaProperty: Sendable {
    let name: String
    let schema: Schema
    let isRequired: Bool
}
