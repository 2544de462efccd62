import Primitives
import Testing

@testable import API

@Suite("The errors in the OpenAPI document")
struct OpenAPIFaultTests {
    /// Path, method and responses of each operation.
    private let operations: [(path: String, method: String, responses: JSON)]

    init() throws {
        let paths = try JSON.parse(API.idle().document).root["paths"]?.object?.members ?? []
        operations = paths.flatMap { path in
            (path.value.object?.members ?? []).map { (path.name, $0.name, $0.value["responses"] ?? .null) }
        }
        #expect(operations.count >= 40)
    }

    private func statuses(_ method: String, _ path: String) throws -> Set<String> {
        let operation = try #require(operations.first { $0.path == path && $0.method == method })
        return Set(operation.responses.object?.members.map(\.name) ?? [])
    }

    @Test("/ready is never refused while the server drains; its 503 has its own shape")
    func readiness() throws {
        let ready = try #require(operations.first { $0.path == "/ready" })
        let schema = ready.responses["503"]?["content"]?["application/json"]?["schema"]
        #expect(schema?["$ref"] == "#/components/schemas/Readiness")
        #expect(try !statuses("get", "/health").contains("503"))
        #expect(try statuses("get", "/openapi.json").contains("503"))
    }

    @Test("What is counted by address can be too much: everything but what asks after the process")
    func limits() throws {
        #expect(try statuses("get", "/api/v2/health").contains("429"))
        #expect(try statuses("post", "/webhooks/clerk").contains("429"))
        for (path, method, responses) in operations {
            let isProbe = ["/health", "/ready", "/metrics"].contains(path)
            let isStream = path == "/api/v2/events/dashboard"
            #expect((responses["429"] == nil) == (isProbe || isStream), "\(method) \(path)")
        }
    }

    @Test("Whatever may have a body may have one that is too large, too slow or compressed")
    func bodies() throws {
        for (path, method, responses) in operations {
            #expect(responses["415"] != nil, "\(method) \(path)")
            for status in ["408", "413"] {
                #expect((responses[status] != nil) == (method != "get"), "\(status) of \(method) \(path)")
            }
        }
    }

    @Test("A live stream has no error that would end an EventSource for what passes")
    func stream() throws {
        let statuses = try statuses("get", "/api/v2/events/dashboard")
        #expect(statuses.isSuperset(of: ["200", "401", "403", "422"]))
        #expect(statuses.isDisjoint(with: ["429", "500", "502", "503"]))
    }
}
