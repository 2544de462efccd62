internal import Primitives

/// How a value of an answer is written, and the schema of what is written: one source for both.
struct Output<Value>: Sendable {
    let schema: Schema
    private let writeInPlace: @Sendable (UnsafePointer<Value>, inout JSONWriter) -> Void

    init(schema: Schema, write: @escaping @Sendable (Value, inout JSONWriter) -> Void) {
        self.init(schema: schema) { (place: UnsafePointer<Value>, writer) in write(place.pointee, &writer) }
    }

    fileprivate init(
        schema: Schema,
        writeInPlace: @escaping @Sendable (UnsafePointer<Value>, inout JSONWriter) -> Void
    ) {
        self.schema = schema
        self.writeInPlace = writeInPlace
    }

    func write(_ value: Value, _ writer: inout JSONWriter) {
        withUnsafePointer(to: value) { write(at: $0, &writer) }
    }

    func encoded(_ value: Value) -> [UInt8] {
        var writer = JSONWriter()
        write(value, &writer)
        return writer.bytes
    }

    /// Writes the value where it lies.
    ///
    /// A closure that is given a struct of many fields to write one of them is given a copy of all: of a list of 20 agents,
    /// that was 13 of 55 µs.
    fileprivate func write(at place: UnsafePointer<Value>, _ writer: inout JSONWriter) {
        writeInPlace(place, &writer)
    }

    var nullable: Output<Value?> {
        Output<Value?>(schema: schema.nullable) { (value: Value?, writer) in
            if let value { write(value, &writer) } else { writer.null() }
        }
    }

    var list: Output<[Value]> {
        Output<[Value]>(schema: .array(of: schema)) { (values: [Value], writer) in
            writer.array { writer in
                values.withUnsafeBufferPointer { values in
                    guard let first = values.baseAddress else { return }
                    for index in values.indices { write(at: first + index, &writer) }
                }
            }
        }
    }

    /// An object of these members, listed in `#/components/schemas` under `name`.
    static func object(_ name: String, _ members: [Member<Value>]) -> Output {
        let parts = members.map(\.write)
        return Output(schema: Schema.object(members.map(\.property)).named(name)) { (place: UnsafePointer, writer) in
            writer.object { writer in
                // Borrowed: a copy of each part counts references.
                let parts = parts.span
                for index in parts.indices { parts[index](place, &writer) }
            }
        }
    }
}

/// One member of an object that is written.
struct Member<Whole>: Sendable {
    let property: SchemaProperty
    /// Writes name and value.
    fileprivate let write: @Sendable (UnsafePointer<Whole>, inout JSONWriter) -> Void

    private init<Part>(
        _ name: String,
        _ output: Output<Part>,
        writeValue: @escaping @Sendable (UnsafePointer<Whole>, inout JSONWriter) -> Void
    ) {
        property = SchemaProperty(name: name, schema: output.schema, isRequired: true)
        let name = JSONWriter.Name(name)
        write = { whole, writer in
            writer.name(name)
            writeValue(whole, &writer)
        }
    }

    /// A stored property is written where it lies.
    init<Part>(_ name: String, _ output: Output<Part>, _ part: any KeyPath<Whole, Part> & Sendable) {
        if let offset = MemoryLayout<Whole>.offset(of: part) {
            self.init(name, output) { whole, writer in
                let place = UnsafeRawPointer(whole) + offset
                // The key path says that a Part lies there.
                output.write(at: place.assumingMemoryBound(to: Part.self), &writer)
            }
        } else {
            self.init(name, output) { whole, writer in output.write(whole.pointee[keyPath: part], &writer) }
        }
    }

    init<Part>(_ name: String, _ output: Output<Part>, _ part: @escaping @Sendable (Whole) -> Part) {
        self.init(name, output) { whole, writer in output.write(part(whole.pointee), &writer) }
    }

    /// The same member of a part of something larger.
    func of<Larger>(_ whole: @escaping @Sendable (Larger) -> Whole) -> Member<Larger> {
        Member<Larger>(property: property) { larger, writer in
            withUnsafePointer(to: whole(larger.pointee)) { write($0, &writer) }
        }
    }

    private init(
        property: SchemaProperty,
        write: @escaping @Sendable (UnsafePointer<Whole>, inout JSONWriter) -> Void
    ) {
        self.property = property
        self.write = write
    }
}

extension Output where Value == String {
    static let text = Output(schema: Schema([("type", "string")])) { $1.value($0) }
}

extension Output where Value == Int {
    static let integer = Output(schema: Schema([("type", "integer")])) { $1.value($0) }
}

extension Output where Value == Double {
    static let number = Output(schema: Schema([("type", "number")])) { $1.value($0) }
}

extension Output where Value == Bool {
    static let boolean = Output(schema: Schema([("type", "boolean")])) { $1.value($0) }
}

extension Output where Value == Timestamp {
    static let timestamp = Output(schema: Schema([("type", "string"), ("format", "date-time")])) {
        $1.value($0)
    }
}

extension Output where Value == ExactDecimal {
    static let decimal = Output(
        schema: Schema([("type", "string"), ("pattern", "^-?[0-9]+(\\.[0-9]+)?$")])
    ) { $1.value($0.description) }
}

extension Output where Value == ExactDecimal {
    /// Money: at least two decimals, as in `"149.90"`, and as many as are needed to be exact.
    static let amount = Output(schema: Output.decimal.schema) { $1.value($0.description(minimumFractionDigits: 2)) }

    /// A share of one, to four places, as in `"0.1667"`.
    static let rate = Output(schema: Output.decimal.schema) { $1.value($0.description(minimumFractionDigits: 4)) }
}

extension Output where Value == JSON {
    static let anything = Output(schema: Schema([])) { $1.value($0) }
}

extension Output where Value == JSONObject {
    static let anyObject = Output(
        schema: Schema([("type", "object"), ("additionalProperties", true)])
    ) { $1.value(.object($0)) }
}

extension Output {
    static func id<Entity>() -> Output where Value == Identifier<Entity> {
        Output(schema: Schema([("type", "string"), ("format", "uuid")])) { $1.value($0) }
    }

    static func name() -> Output
    where Value: RawRepresentable & CaseIterable & SendableMetatype, Value.RawValue == String {
        let names = Value.allCases.map { JSON.string($0.rawValue) }
        return Output(schema: Schema([("type", "string"), ("enum", .array(names))])) { $1.value($0.rawValue) }
    }
}
