internal import HTTPTypes
internal import Primitives

/// The success of a route: its status and the envelope `{"success": true, …}` around its value.
struct Answer<Value>: Sendable {
    let status: HTTPResponse.Status
    let schema: Schema
    /// Writes the envelope's members after `success`.
    let write: @Sendable (Value, inout JSONWriter) -> Void
    /// What of the value is kept for a repetition of the request; nil: all of it.
    private(set) var stored: (@Sendable (Value) -> Value)?

    /// The same answer, of which only `part` is kept and given again: what a call tells once is not in the database.
    func storing(_ part: @escaping @Sendable (Value) -> Value) -> Answer {
        var answer = self
        answer.stored = part
        return answer
    }

    /// `data` is the value.
    static func data(_ output: Output<Value>, status: HTTPResponse.Status = .ok) -> Answer {
        Answer(
            status: status,
            schema: envelope([SchemaProperty(name: "data", schema: output.schema, isRequired: true)])
        ) { value, writer in
            writer.member("data") { output.write(value, &$0) }
        }
    }

    /// `data` is a page's items, `count` how many they are, `next_cursor` where the list goes on.
    static func page<Item>(of output: Output<Item>) -> Answer where Value == Page<Item> {
        let properties = [
            SchemaProperty(name: "data", schema: output.list.schema, isRequired: true),
            SchemaProperty(name: "count", schema: Output<Int>.integer.schema, isRequired: true),
            SchemaProperty(name: "next_cursor", schema: Output<String>.text.schema, isRequired: false),
        ]
        return Answer(status: .ok, schema: envelope(properties)) { page, writer in
            writer.member("data") { output.list.write(page.items, &$0) }
            writer.member("count") { $0.value(page.items.count) }
            if let next = page.next { writer.member("next_cursor", next.description) }
        }
    }

    func encoded(_ value: Value) -> [UInt8] {
        // A page of 20 agents, without asking for memory twice.
        var writer = JSONWriter(capacity: 16_384)
        writer.object { writer in
            writer.member("success") { $0.value(true) }
            write(value, &writer)
        }
        return writer.bytes
    }

    private static func envelope(_ properties: [SchemaProperty]) -> Schema {
        let success = SchemaProperty(name: "success", schema: Schema([("const", true)]), isRequired: true)
        return Schema.object([success] + properties)
    }
}

extension Answer where Value == Void {
    /// The thing is gone: `data.deleted` is true.
    static let deleted: Answer = {
        let gone = Answer<Bool>.data(.boolean.named("deleted"))
        return Answer(status: gone.status, schema: gone.schema) { _, writer in gone.write(true, &writer) }
    }()
}

extension Output {
    /// An object with this value as its only member.
    fileprivate func named(_ name: String) -> Output {
        Output(schema: Schema.object([SchemaProperty(name: name, schema: schema, isRequired: true)])) { value, writer in
            writer.object { $0.member(name) { write(value, &$0) } }
        }
    }
}
