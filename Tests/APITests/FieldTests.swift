import Primitives
import Testing

@testable import API

private enum Colour: String, CaseIterable {
    case red, blue
}

private struct Inner: FieldList {
    let content: String

    init(from fields: inout FieldReader) {
        content = fields.required("content", .text(1...5), "Text.")
    }
}

private struct Body: FieldList {
    static let unknownFields = UnknownFields.refused(exceptReadOnly: ["id"])
    let name: String
    let count: Int
    let ratio: Double?
    let colour: Colour
    let messages: [Inner]
    let price: ExactDecimal?

    init(from fields: inout FieldReader) {
        name = fields.required("name", .name(1...10), "A name.")
        count = fields.optional("count", .integer(1...9), default: 3, 3, "A count.")
        ratio = fields.optional("ratio", .number(0...1), "A ratio.")
        colour = fields.optional("colour", .oneOf(placeholder: .red), default: .red, "red", "A colour.")
        messages = fields.required("messages", .list(of: .object(Inner.self), 1...3), "Messages.")
        price = fields.optional("price", .decimal(integerDigits: 5, fractionDigits: 2), "A price.")
    }
}

private struct Input: RequestFields {
    let id: AgentID
    let page: PageRequest
    let body: Body

    init(from request: inout RequestReader) {
        id = request.path("id", .id(), "An id.")
        page = request.page()
        body = request.body(Body.self)
    }
}

struct FieldTests {
    private func read(_ body: String, path: String, query: [String: String] = [:]) throws -> ([String], Input) {
        var reader = RequestReader(path: ["id": path], query: query, body: try JSON.parse(body))
        let input = Input(from: &reader)
        return (reader.problems.all.map(\.field), input)
    }

    @Test("A request that is right gives its values")
    func valid() throws {
        let id = AgentID.next()
        let body = """
            {"id": "ignored", "name": "  Ana ", "ratio": 1, "price": "12.50", "messages": [{"content": "oi"}]}
            """
        let (problems, input) = try read(body, path: id.description, query: ["limit": "7"])
        #expect(problems.isEmpty)
        #expect(input.id == id && input.page.limit == 7)
        #expect(input.body.name == "Ana" && input.body.count == 3 && input.body.ratio == 1 && input.body.colour == .red)
        #expect(input.body.messages.map(\.content) == ["oi"] && input.body.price == ExactDecimal("12.5"))
    }

    @Test("Everything wrong is reported at once, by its path")
    func allProblems() throws {
        let body = """
            {"name": "\\u202Eevil", "count": "3", "ratio": 1.5, "colour": "green", "price": 12.5, "extra": 1,
             "messages": [{"content": "ok"}, {"content": "too long"}, {"contents": "x"}]}
            """
        let (problems, _) = try read(body, path: "1", query: ["limit": "0", "cursor": "?"])
        #expect(
            Set(problems) == [
                "id", "limit", "cursor", "name", "count", "ratio", "colour", "price", "extra", "messages[1].content",
                "messages[2].content", "messages[2].contents",
            ]
        )
    }

    @Test(
        "A body of another shape is a problem, not a crash",
        arguments: ["[]", "1", "null", "\"x\"", "{}", "{\"messages\": {}, \"name\": []}"]
    )
    func otherShapes(body: String) throws {
        let (problems, _) = try read(body, path: AgentID.next().description)
        #expect(!problems.isEmpty)
    }

    @Test("The schema says what the reader does")
    func schema() throws {
        let schema = try #require(Body.schema.components["Body"])
        #expect(schema["required"] == ["name", "messages"])
        #expect(schema["additionalProperties"] == false)
        #expect(schema["properties"]?["count"]?["default"] == 3)
        #expect(schema["properties"]?["count"]?["maximum"] == 9)
        #expect(schema["properties"]?["name"]?["maxLength"] == 10)
        #expect(schema["properties"]?["id"]?["readOnly"] == true)
        #expect(schema["properties"]?["messages"]?["items"]?["$ref"] == "#/components/schemas/Inner")
        #expect(Body.schema.components["Inner"] != nil)
        #expect(RequestReader.describe(Input.self).parameters.map(\.name) == ["id", "limit", "cursor"])
    }

    @Test("Text parameters are read as their types, JSON strings are not")
    func textParameters() {
        var problems = FieldProblems()
        let field = Field.integer(0...10)
        #expect(field.read(FieldInput(json: "7", path: "n", isText: true), &problems) == 7)
        #expect(field.read(FieldInput(json: "7", path: "n", isText: false), &problems) == nil)
        #expect(problems.all.map(\.field) == ["n"])
    }
}

struct LanguageTests {
    @Test(
        "The caller's language is understood, Portuguese otherwise",
        arguments: [
            (nil, Language.portuguese), ("", .portuguese), ("en", .english), ("en-US,en;q=0.9", .english),
            ("pt-BR,pt;q=0.9,en;q=0.8", .portuguese), ("fr, en;q=0.3", .english), ("en;q=0.2, pt;q=0.9", .portuguese),
            ("de", .portuguese), (";;;,,q=", .portuguese),
        ]
    )
    func acceptLanguage(header: String?, language: Language) {
        #expect(Language(acceptLanguage: header) == language)
    }
}
