import HTTPTypes
import Hummingbird
import Primitives
import Tenancy
import Testing

@testable import API

@Suite("The access table")
struct AccessTableTests {
    @Test("Each operation has exactly one line, and each line an operation")
    func lines() throws {
        let lines = AccessTable.lines.map { "\($0.method) \($0.path)" }
        let operations = try API.idle().operations.map { "\($0.method) \($0.path)" }
        #expect(lines.count >= 40, "the table is read")
        #expect(lines.sorted() == operations.sorted())
        #expect(Set(lines).count == lines.count)
    }

    @Test("What the router knows and what the document describes is the same")
    func router() throws {
        let api = try API.idle()
        let router = api.router()
        let routed = router.routes.map { "\($0.method) \($0.path)" }
        let paths = try #require(JSON.parse(api.document).root["paths"]?.object)
        let described = paths.members.flatMap { path in
            (path.value.object?.members ?? []).map { "\($0.name.uppercased()) \(path.name)" }
        }
        #expect(routed.count >= 40, "the router is walked")
        #expect(routed.sorted() == described.sorted())
        router.get("undocumented/{id}") { _, _ in Response(status: .ok) }
        let found = Set(router.routes.map { "\($0.method) \($0.path)" }).subtracting(described)
        #expect(found == ["GET /undocumented/{id}"], "a route that nobody described is seen")
    }

    @Test("The document says of each operation who may call it, as the table does")
    func document() throws {
        let document = try JSON.parse(API.idle().document).root
        for line in AccessTable.lines {
            let operation = document["paths"]?[line.path]?[line.method.rawValue.lowercased()]
            let security = try #require(operation?["security"]?.array, "\(line.method) \(line.path)")
            let name: Comment = "\(line.method) \(line.path)"
            guard case .tenant(let rule) = line.access else {
                #expect(security.isEmpty, name)
                continue
            }
            let scope = security.compactMap { $0["key"]?.array?.first?.string }.first
            switch rule.keys {
            case .refused: #expect(scope == nil && operation?["x-required-scope"] == nil, name)
            case .scope(let wanted):
                #expect(scope == wanted.rawValue && operation?["x-required-scope"]?.string == scope, name)
                #expect(operation?["description"]?.string?.contains("`\(wanted.rawValue)`") == true, name)
            }
            let held = security.compactMap { $0["bearer"]?.array?.compactMap(\.string) }.first
            switch rule.people {
            case .anyMember: #expect(held == [], name)
            case .admins: #expect(held == ["org:admin"], name)
            case .holding(let permission):
                #expect(held == [permission.rawValue], name)
                #expect(operation?["description"]?.string?.contains("`\(permission.rawValue)`") == true, name)
            }
            #expect(security.contains { $0["session"] != nil } == (line.method == .get), name)
            let takesTickets = line.method == .get && line.path == "/api/v2/events/dashboard"
            #expect(security.contains { $0["ticket"] != nil } == takesTickets, name)
        }
    }
}
