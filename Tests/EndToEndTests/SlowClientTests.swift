internal import NIOHTTP1
internal import Primitives
internal import Subprocess
internal import Testing

/// Clients that take their time: what they hold is little, and they hold it for a bounded time.
@Suite("Slow clients", .server())
struct SlowClientTests {
    @Test("A body of one byte a second is 408 within half a minute, on every route that reads one")
    func slowBodies() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let token = shop.organization.token()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for operation in try await APIDocument(of: server).operations where !operation.bodies.isEmpty {
                for framing in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
                    let path = try operation.path(shop.ids)
                    let type = operation.jsonBody == nil ? Upload.contentType : "application/json"
                    group.addTask {
                        let connection = try await RawConnection.open(to: server)
                        try await connection.send(
                            "\(operation.method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
                                + "Content-Type: \(type)\r\n\(framing)\r\n\r\n"
                        )
                        let start = ContinuousClock.now
                        while connection.isOpen, connection.text.isEmpty, ContinuousClock.now < start + .seconds(60) {
                            try? await connection.send(framing.hasPrefix("C") ? " " : "1\r\n \r\n")
                            try await Task.sleep(for: .seconds(1))
                        }
                        let text = await connection.textUntilClosed()
                        let took = ContinuousClock.now - start
                        let what = "\(operation), \(framing), \(took): \(text.prefix(500))"
                        #expect(took < .seconds(35), "\(what)")
                        let answer = try #require(RawAnswers(Array(text.utf8)).all.first, "\(what)")
                        #expect(answer.status == 408 && text.contains("\"request_timeout\""), "\(what)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await shop.organization.admin.get("/api/v2/agents").status == 200)
    }

    @Test("Headers of one byte a second, and a connection without any, are hung up on within half a minute")
    func slowHeaders() async throws {
        let server = try RunningServer.current
        try await withThrowingTaskGroup(of: Void.self) { group in
            for text in ["GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: " + String(repeating: "a", count: 60), ""] {
                group.addTask {
                    let connection = try await RawConnection.open(to: server)
                    let start = ContinuousClock.now
                    for byte in text.utf8 where connection.isOpen {
                        try? await connection.send([byte])
                        try await Task.sleep(for: .seconds(1))
                    }
                    #expect(await connection.textUntilClosed().isEmpty)
                    #expect(ContinuousClock.now - start < .seconds(35))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(
        "A client that reads nothing of an answer, a list, an asset or a dashboard is cut off, and costs little memory"
    )
    func neverReading() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let client = organization.admin
        let agentID = try await client.post("/api/v2/agents", Self.longAgent).id(201)
        for _ in 0..<60 { _ = try await client.post("/api/v2/agents", Self.longAgent).id(201) }
        let conversationID = try await client.chat(agentID, "Oi").conversationID
        let before = try server.residentMemory

        let words = String(repeating: "a ", count: 300)
        let question: JSON = ["messages": [["role": "user", "content": .string(words)]]]
        let requests: [(String, [UInt8])] =
            Array(repeating: ("POST /api/v2/agents/\(agentID)/chat/stream", question.encoded), count: 20)
            + Array(repeating: ("GET /api/v2/agents?limit=100", []), count: 20)
            + Array(repeating: ("GET /openapi.json", []), count: 20)
            + Array(repeating: ("GET /api/v2/events/dashboard", []), count: 20)
        let connections = try await withThrowingTaskGroup(of: RawConnection.self) { group in
            for (line, body) in requests {
                group.addTask {
                    let connection = try await RawConnection.open(to: server, receiveBuffer: 2304, reads: false)
                    try await connection.send(
                        "\(line) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(organization.token())\r\n"
                            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
                    )
                    try await connection.send(body)
                    return connection
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // What the dashboards do not take.
        for value in 1...300 {
            _ = try await client.post(
                "/api/v2/conversions",
                ["conversation_id": .string(conversationID), "value": .string("\(value)")]
            ).id(201)
        }
        #expect(try server.residentMemory - before < 96 << 20)
        try await poll("the server has given up on all of them", within: .seconds(75)) {
            try connections.contains { try server.holds($0) } ? nil : ()
        }
        #expect(try server.residentMemory - before < 96 << 20)
        #expect(try await client.get("/api/v2/agents").status == 200)
        for connection in connections { await connection.close() }
    }

    private static let longAgent: JSON = [
        "name": "Longa", "description": "Responde longamente.", "model_id": "local",
        "system_prompt": .string(String(repeating: "palavra ", count: 600)),
    ]

    @Test("More connections than the process may have files: those beyond wait, and the server goes on")
    func flood() async throws {
        try await Program.deployed { program in
            try await program.serving(descriptors: 400) { server in
                let connections = try await withThrowingTaskGroup(of: RawConnection.self) { group in
                    for _ in 0..<600 { group.addTask { try await RawConnection.open(to: server) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let patient = try await RawConnection.open(to: server)
                try await patient.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                for connection in connections { await connection.close() }
                let answers = try RawAnswers(await patient.bytesUntilClosed()).all
                #expect(answers.map(\.status) == [200])
                let client = TestOrganization(server).admin
                _ = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
            }
        }
    }
    @Test("Where hardly any files are left for connections the server does not start, and says why")
    func tooFewFiles() async throws {
        try await Program.deployed { program in
            let result = try await Subprocess.run(
                .name("prlimit"),
                arguments: ["--nofile=150", "agentes", "serve"],
                environment: .custom(program.environment.keyed),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            // The rest is in the log, as of all that a service ends with.
            #expect(result.terminationStatus == .exited(1) && result.standardError.isEmpty, "\(result.standardError)")
            #expect(result.standardOutput.contains("DATABASE_POOL_SIZE is too large: of the 150 files"))
        }
    }
}
