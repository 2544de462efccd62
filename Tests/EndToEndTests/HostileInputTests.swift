internal import FoundationEssentials
internal import NIOHTTP1
internal import Primitives
internal import Testing

/// Every route of the document under what an attacker sends: a 4xx with the envelope, or a success that took it for plain
/// text, soon, with little memory, and never a 5xx.
@Suite("Hostile input", .server())
struct HostileInputTests {
    /// SQL, markup, templates, formats, paths: each is only text.
    private static let texts = [
        "'; DROP TABLE agents.agent; --", "' OR '1'='1", "1); SELECT pg_sleep(20); --", "$1 $2 \\' \\\\ E'\\x00'",
        "%' UNION SELECT id, name FROM tenancy.organization --", "{{constructor.constructor('return 1')()}}",
        "<script>alert(1)</script><!--", "${jndi:ldap://127.0.0.1/a}", "%s%n%x%p", "../../../../etc/passwd",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", "a" + String(repeating: "\u{301}", count: 90),
        "\u{FDFA}\u{FEFF}\u{2028}ﷺ",
    ]
    /// What turns the direction of text around: refused in names and titles.
    private static let bidirectional = ["a\u{202E}b", "\u{2066}a\u{2069}", "\u{202A}a"]

    @Test("SQL, markup, formats and bidi marks in every text of every body are text, or refused")
    func texts() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        var count = 0
        try await forEachBody(shop) { operation, body, schema in
            for (name, property) in schema.properties where property.type == "string" {
                for text in Self.texts + Self.bidirectional {
                    count += 1
                    var changed = body
                    changed[name] = .string(text)
                    let response = try await send(operation, .object(changed), by: shop)
                    let what = "\(operation), \(name)=\(text.debugDescription): \(response)"
                    #expect(response.status < 500, "\(what)")
                    if ["name", "title"].contains(name), Self.bidirectional.contains(text) {
                        #expect(response.status == 422 && response.problemFields.contains(name), "\(what)")
                    }
                    guard let stored = response.json?["data"]?[name]?.string, response.status < 300 else { continue }
                    #expect(stored == text, "\(what)")
                }
            }
        }
        #expect(count > 200)
        try await expectIntact(shop)
    }

    @Test("Hostile texts, dates, zones and numbers in every query parameter are refused, or are text")
    func queries() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let values =
            Self.texts + Self.bidirectional + [
                "infinity", "-infinity", "99999-12-31", "2026-02-30", "0000-00-00", "2026-01-01T00:00:60Z",
                "1e999999999",
                "-0", "𝟙𝟚", "٣", "a,,,b", "NaN", String(repeating: "9", count: 4000), "America/../../etc/passwd",
            ]
        for operation in try await APIDocument(of: .current).operations {
            for parameter in operation.parameters where parameter.location == "query" {
                for value in values {
                    let query = "?\(parameter.name)=\(value.percentEncoded)"
                    let response = try await shop.send(operation, as: shop.organization.admin, query: query)
                    #expect(response.status < 500, "\(operation)\(query.prefix(80)): \(response)")
                }
            }
        }
        try await expectIntact(shop)
    }

    @Test("Names of 1 MB, 10,000 levels, 50,000 members and numbers beyond all bounds cost little time and memory")
    func bombs() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let before = try server.residentMemory
        try await forEachBody(shop) { operation, body, schema in
            let long = String(repeating: "a", count: (1 << 20) - 8192)
            let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
            let wide = "{" + (0..<50_000).map { "\"campo\($0)\":0" }.joined(separator: ",") + "}"
            let digits = String(repeating: "9", count: 500_000)
            var bombs: [(String, String, String, Set<Int>)] = []
            for (name, property) in schema.properties {
                bombs.append((name, "10,000 levels", deep, [400]))
                bombs.append((name, "10,000 levels of objects", Self.deepObject, [400]))
                if property.type == "string" { bombs.append((name, "1 MB", "\"\(long)\"", [422])) }
                // Next to nothing is nothing.
                bombs.append((name, "1e-999999999", "1e-999999999", property.type == "number" ? [200, 201] : [422]))
                for number in ["1e999999999", "-1e999999999", "1e-999999999", "1.7976931348623159e309"] {
                    if !number.hasPrefix("1e-") { bombs.append((name, number, number, [422])) }
                    bombs.append((name, "\"\(number)\"", "\"\(number)\"", [200, 201, 202, 404, 409, 422]))
                }
            }
            for (name, property) in schema.properties.suffix(1) {
                bombs.append((name, "500,000 digits", digits, [400, 422]))
                bombs.append((name, "50,000 members", wide, property.type == "object" ? [200, 201, 422] : [422]))
            }
            for (name, about, value, statuses) in bombs {
                var changed = body
                changed[name] = "MARCA"
                let text = JSON.object(changed).description.replacing("\"MARCA\"", with: value)
                let start = ContinuousClock.now
                let response = try await shop.organization.admin.send(
                    operation.method,
                    operation.path(shop.ids),
                    headers: [("Content-Type", "application/json")],
                    body: Array(text.utf8)
                )
                let took = ContinuousClock.now - start
                let what = "\(operation), \(name): \(about) took \(took): \(response)"
                #expect(statuses.contains(response.status) && took < .seconds(30), "\(what)")
                #expect(response.body.count < 20_000, "an error repeats no megabyte: \(what)")
            }
            let response = try await shop.organization.admin.send(
                operation.method,
                operation.path(shop.ids),
                headers: [("Content-Type", "application/json")],
                body: Array(wide.utf8)
            )
            #expect([400, 422].contains(response.status), "\(operation), nothing but names: \(response)")
            #expect(response.body.count < 200_000, "\(operation), nothing but names: \(response.body.count) bytes")
        }
        let growth = try server.residentMemory - before
        #expect(growth < 128 << 20, "memory grew by \(growth >> 20) MiB")
        try await expectIntact(shop)
    }

    private static let deepObject =
        String(repeating: "{\"a\":", count: 10_000) + "0" + String(repeating: "}", count: 10_000)

    @Test("What breaks HTTP itself is refused on every route, and smuggles no second request in")
    func protocolBreaches() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let operations = try await APIDocument(of: server).operations
        let token = shop.organization.token()
        var breaches = 0
        for operation in operations where !(operation.isStream && operation.isRead) {
            let path = try operation.path(shop.ids.merging(["file": "favicon.png"]) { old, _ in old })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for breach in ProtocolBreach.all {
                    breaches += 1
                    group.addTask {
                        let start = ContinuousClock.now
                        let connection = try await RawConnection.open(to: server)
                        try await connection.send(breach.request("\(operation.method)", path, token))
                        let bytes = await connection.bytesUntilClosed()
                        let text = String(decoding: bytes, as: UTF8.self)
                        let took = ContinuousClock.now - start
                        let what = "\(operation), \(breach.about), \(took): \(text.prefix(1000))"
                        // Idle keep-alive lasts longest; every request here ends its connection.
                        #expect(took < .seconds(30), "\(what)")
                        let answers = try RawAnswers(bytes).all
                        #expect(answers.count == 1, "one request, one answer: \(what)")
                        guard let answer = answers.first else { return }
                        #expect(breach.statuses.contains(answer.status), "\(what)")
                        #expect(answer.headers["x-request-id"] != nil, "\(what)")
                        guard answer.status >= 400, operation.method != .HEAD else { return }
                        let envelope = try? JSON.parse(answer.body).root
                        #expect(envelope?["success"] == false && envelope?["error_code"] != nil, "\(what)")
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(breaches > 300)
        #expect(try await APIClient(server).get("/health").status == 200)
    }

    @Test("Requests that come in one piece are answered each, in their order")
    func pipelined() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let token = shop.organization.token()
        for operation in try await APIDocument(of: server).operations where operation.isRead && !operation.isStream {
            let path = try operation.path(shop.ids.merging(["file": "favicon.png"]) { old, _ in old })
            let head = "Host: localhost\r\nAuthorization: Bearer \(token)\r\n"
            let bytes = try await server.bytes(
                of: "GET \(path) HTTP/1.1\r\n\(head)\r\nGET /nada HTTP/1.1\r\n\(head)\r\n"
                    + "GET /health HTTP/1.1\r\n\(head)Connection: close\r\n\r\n"
            )
            let answers = try RawAnswers(bytes).all
            #expect(answers.count == 3, "\(operation): \(answers)")
            #expect(answers.dropFirst().map(\.status) == [404, 200], "\(operation): \(answers)")
        }
    }

    @Test("Addresses that pretend to be others are not found")
    func addresses() async throws {
        let server = try RunningServer.current
        let token = TestOrganization(server).token()
        for target in [
            "/api/v2/agents%2f", "/api/v2%2fagents", "/api%2Fv2/agents", "/api/v2/../v2/agents", "/api/v2/./agents",
            "/api/v2/agents/..", "/api/v2/agents/%2e%2e", "/api/v2/agents/..%2f..%2f..%2fhealth", "/api/v2/agents%00",
            "/%61pi/v2/agents", "/api/v2/agents;a=b", "/api/v2/agents/%5c..%5c", "/API/V2/AGENTS", "/docs/%2e%2e/x",
            "/docs/..%2f..%2fetc%2fpasswd", "/docs/....//x", "*", "agents",
        ] {
            let text = try await server.answer(
                to: "GET \(target) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
                    + "Connection: close\r\n\r\n"
            )
            let answers = try RawAnswers(Array(text.utf8)).all
            #expect(answers.count == 1 && [400, 404, 422].contains(answers.first?.status), "\(target): \(text)")
        }
    }

    @Test("Many of a query parameter, an unreadable query and an Accept that we cannot meet break no route")
    func oddities() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        for operation in try await APIDocument(of: .current).operations where operation.isRead {
            for query in [
                "?limit=1&limit=2&limit[]=3", "?" + String(repeating: "a=b&", count: 3000), "?&&==&=", "?=%00",
            ] {
                let response = try await shop.send(operation, as: client, path: ["file": "favicon.png"], query: query)
                #expect(response.status < 500, "\(operation)\(query.prefix(60)): \(response)")
            }
            let headers = [
                ("Accept", "image/png"), ("Accept-Language", "xx;q=nan,\(String(repeating: "en,", count: 2000))"),
                ("Accept-Encoding", "gzip;q=1e999"), ("Cookie", String(repeating: "__session=a; ", count: 300)),
                ("Range", "bytes=0-1,-1,999999999999999999999-"), ("If-None-Match", "*"),
            ]
            let path = try operation.path(shop.ids.merging(["file": "favicon.png"]) { old, _ in old })
            let response = try await client.send(.GET, path, headers: headers)
            #expect(operation.statuses.contains(response.status) && response.status < 500, "\(operation): \(response)")
        }
    }

    // MARK: How it is asked

    private func forEachBody(
        _ shop: Shop,
        _ body: (APIDocument.Operation, JSONObject, APISchema) async throws -> Void
    ) async throws {
        for operation in try await APIDocument(of: .current).operations where operation.needsTenant {
            guard let schema = operation.jsonBody, let valid = try shop.validBody(of: operation)?.object else {
                continue
            }
            try await body(operation, valid, schema)
        }
    }

    private func send(_ operation: APIDocument.Operation, _ body: JSON, by shop: Shop) async throws -> APIResponse {
        try await shop.organization.admin.send(operation.method, operation.path(shop.ids), json: body)
    }

    /// The shop is still there, and nobody slept in Postgres.
    private func expectIntact(_ shop: Shop) async throws {
        let client = shop.organization.admin
        #expect(try await client.get("/api/v2/agents/\(shop.agentID)").status == 200)
        #expect(try await client.get("/api/v2/conversations/\(shop.conversationID)").status == 200)
        #expect(try await client.get("/ready").json?["status"] == "ready")
    }
}

/// A request that HTTP/1.1 does not allow, or allows and no client sends.
private struct ProtocolBreach: Sendable {
    let about: String
    /// Of the request line and headers after it; the connection's end is asked for.
    let headers: String
    let body: String
    let statuses: Set<Int>

    private init(_ about: String, _ headers: String, body: String = "", _ statuses: Set<Int>) {
        self.about = about
        self.headers = headers
        self.body = body
        self.statuses = statuses
    }

    func request(_ method: String, _ path: String, _ token: String) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer \(token)\r\n"
            + "\(headers)\r\n\r\n\(body)"
    }

    /// Where a route takes no body, what is wrong with it concerns nobody.
    private static let bodyStatuses: Set<Int> = [200, 201, 204, 202, 400, 401, 403, 404, 409, 413, 415, 422, 503]
    private static let smuggled = "GET /contrabando HTTP/1.1\r\nHost: localhost\r\n\r\n"

    static let all = [
        ProtocolBreach("1,100 headers", (0..<1100).map { "x\($0): 1" }.joined(separator: "\r\n"), [400, 431]),
        ProtocolBreach("a header of 20 kB", "X-A: \(String(repeating: "a", count: 20_000))", [431]),
        ProtocolBreach("a header's name of 20 kB", "\(String(repeating: "a", count: 20_000)): 1", [431]),
        ProtocolBreach("a length beyond 64 bits", "Content-Length: 99999999999999999999999", [400]),
        ProtocolBreach(
            "8 EiB to come",
            "Content-Type: application/json\r\nContent-Length: 9223372036854775807",
            bodyStatuses
        ),
        ProtocolBreach("a negative length", "Content-Length: -1", [400]),
        ProtocolBreach("a hexadecimal length", "Content-Length: 0x10", [400]),
        ProtocolBreach("two lengths", "Content-Length: 0\r\nContent-Length: 44", body: smuggled, [400]),
        ProtocolBreach("a list of lengths", "Content-Length: 0, 44", body: smuggled, [400]),
        ProtocolBreach(
            "a length and chunks",
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            body: "0\r\n\r\n" + smuggled,
            [400]
        ),
        ProtocolBreach(
            "chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            body: "0\r\n\r\n" + smuggled,
            [400, 501]
        ),
        ProtocolBreach("an unknown coding", "Transfer-Encoding: xchunked", body: "0\r\n\r\n" + smuggled, [400, 501]),
        ProtocolBreach(
            "chunks of no length",
            "Content-Type: application/json\r\nTransfer-Encoding: chunked",
            body: "ZZ\r\nlixo\r\n0\r\n\r\n",
            bodyStatuses
        ),
        ProtocolBreach(
            "a chunk of 16 EiB",
            "Content-Type: application/json\r\nTransfer-Encoding: chunked",
            body: "FFFFFFFFFFFFFFFFF\r\nlixo\r\n0\r\n\r\n",
            bodyStatuses
        ),
        ProtocolBreach(
            "a chunk that is longer than it says",
            "Content-Type: application/json\r\nTransfer-Encoding: chunked",
            body: "2\r\n{}{}{}\r\n0\r\n\r\n",
            bodyStatuses
        ),
        ProtocolBreach(
            "a compressed body",
            "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 4",
            body: "\u{1F}\u{8}\u{8}\u{0}",
            [415]
        ),
        ProtocolBreach("NUL in a header", "X-A: a\u{0}b", [400]),
        ProtocolBreach("a space before the colon", "Content-Length : 0", [400]),
        ProtocolBreach("a header without colon", "lixo", [400]),
        ProtocolBreach("a folded header", "X-A: a\r\n b", bodyStatuses),
        ProtocolBreach("another upgrade", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", bodyStatuses),
    ]
}

extension String {
    fileprivate var percentEncoded: String {
        utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}
