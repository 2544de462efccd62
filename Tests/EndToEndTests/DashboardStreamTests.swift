internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("The dashboard stream", .server())
struct DashboardStreamTests {
    private static let path = "/api/v2/events/dashboard"

    @Test("Begins with a cursor, connection_established and the live figures")
    func greeting() async throws {
        let client = TestOrganization(try .current).admin
        let frames = try await client.events(Self.path) { reader in
            try await reader.frames { $0.json?["type"] == "system_update" }
        }
        #expect(frames.count == 3)
        #expect(frames[0].lines.count == 1 && frames[0].id?.contains(/^[0-9A-Za-z-]{1,64}$/) == true)
        #expect(frames[1].json?["type"] == "connection_established")
        #expect(frames[1].id == nil && frames[2].id == nil)
    }

    @Test("Tells what happens, in order, each once, in unnamed frames with id, type, data and timestamp")
    func live() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let (ready, signal) = AsyncStream.makeStream(of: Void.self)
        async let frames = client.events(Self.path) { reader in
            _ = try await reader.frames { $0.json?["type"] == "system_update" }
            signal.finish()
            return try await reader.frames { $0.json?["type"] == "conversion_recorded" }.filter { $0.data != nil }
        }
        for await _ in ready {}
        let shop = try await Shop.open(organization)
        let told = try await frames
        #expect(
            told.compactMap { $0.json?["type"]?.string } == [
                "document_indexed", "conversation_started", "message_received", "message_completed",
                "conversion_recorded",
            ]
        )
        for frame in told {
            #expect(frame.lines.count == 2 && frame.id?.contains(/^[0-9A-Za-z-]{1,64}$/) == true)
            #expect(frame.json?.object?.members.map(\.name) == ["id", "type", "data", "timestamp"])
        }
        #expect(told.last?.json?["data"]?["conversion_id"]?.string == shop.conversionID)
        #expect(told.last?.json?["data"]?["value"] == "199.95")
        #expect(Set(told.compactMap { $0.json?["id"]?.string }).count == told.count)
    }

    @Test("Goes on after any frame's id without a gap or a repetition")
    func resume() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let start = try await client.events(Self.path) { reader in try await reader.next()?.id }
        let shop = try await Shop.open(organization)
        let all = try await client.toldAfter(start, until: "conversion_recorded")
        #expect(all.count == 5)
        for index in all.indices.dropLast() {
            let rest = try await client.toldAfter(all[index].id, until: "conversion_recorded")
            #expect(rest == Array(all[(index + 1)...]))
        }
        _ = try await client.post(
            "/api/v2/conversions",
            ["conversation_id": .string(shop.conversationID), "value": "1.25"]
        ).id(201)
        let last = try await client.toldAfter(all.last?.id, until: "conversion_recorded")
        #expect(last.count == 1 && last.first?.json?["data"]?["value"] == "1.25")
    }

    @Test("last_event_id in the query does what the header does; types and agent_id select")
    func filters() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let start = try await client.events(Self.path) { reader in try await reader.next()?.id } ?? ""
        let shop = try await Shop.open(organization)
        let other = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        _ = try await client.chat(other, "Oi")
        let all = try await client.events(Self.path + "?last_event_id=\(start)&types=message_received") { reader in
            var told: [EventFrame] = []
            while told.count < 2 {
                told += try await reader.frames { $0.json?["type"] == "message_received" }.suffix(1)
            }
            return told
        }
        #expect(all.compactMap { $0.json?["data"]?["agent_id"]?.string } == [shop.agentID, other])
        let ofOther = try await client.events(Self.path + "?last_event_id=\(start)&agent_id=\(other)") { reader in
            try await reader.frames { $0.json?["type"] == "message_completed" }.filter {
                $0.id != nil && $0.data != nil
            }
        }
        #expect(
            ofOther.compactMap { $0.json?["type"]?.string }
                == ["conversation_started", "message_received", "message_completed"]
        )
        #expect(ofOther.allSatisfy { $0.json?["data"]?["agent_id"]?.string == other })
    }

    @Test("Whatever the query says was seen last is judged as the header is: a gap, and no end; the header wins")
    func wrongCursor() async throws {
        let client = TestOrganization(try .current).admin
        let start = try await client.events(Self.path) { reader in try await reader.next()?.id }
        for cursor in [String(repeating: "x", count: 65), String(repeating: "0", count: 3000), "a%07b", "%0A", "é"] {
            let path = Self.path + "?last_event_id=\(cursor)"
            let frames = try await client.events(path) { reader in
                try await reader.frames { $0.json?["type"] == "system_update" }
            }
            #expect(frames.first?.json?["data"]?["reason"] == "unknown", "\(cursor)")
            let others = try await client.events(path, after: start) { reader in
                try await reader.frames { $0.json?["type"] == "system_update" }
            }
            #expect(!others.contains { $0.json?["type"] == "gap" }, "\(cursor)")
        }
    }

    @Test(
        "types that name none are all, and blanks around one are not its own",
        arguments: [",", "%20", ",%20,", "message_received,%20message_completed", "%20message_completed,"]
    )
    func types(types: String) async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let start = try await client.events(Self.path) { reader in try await reader.next()?.id } ?? ""
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        _ = try await client.chat(agentID, "Oi")
        let told = try await client.events(Self.path + "?last_event_id=\(start)&types=\(types)") { reader in
            try await reader.frames { $0.json?["type"] == "message_completed" }
        }
        #expect(told.last?.json?["type"] == "message_completed")
    }

    @Test(
        "A client that goes away, or ends its own side, is let go before anything is sent to it",
        arguments: [true, false]
    )
    func departure(closesBothSides: Bool) async throws {
        let server = try RunningServer.current
        let connection = try await RawConnection.open(to: server)
        try await connection.send(
            "GET \(Self.path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(TestOrganization(server).token())\r\n\r\n"
        )
        try await poll("the greeting") { connection.text.contains("system_update") ? () : nil }
        if closesBothSides { await connection.close() } else { try await connection.closeOwnSide() }
        // Most heartbeats come later.
        try await poll("the server lets go", within: .seconds(3)) { try server.holds(connection) ? nil : () }
    }

    @Test("A cursor that nothing can go on from gets a gap with its reason, then a bare id from which it goes on")
    func gaps() async throws {
        // Its own database: what is expired here, others read.
        try await Program.deployed { program in
            try await program.serving { server in
                let client = TestOrganization(server).admin
                let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                for _ in 0..<2 { _ = try await client.chat(agentID, "Oi") }
                let start = "0-00000000"
                let told = try await client.events(Self.path, after: start) { reader in
                    var all: [EventFrame] = []
                    while all.count < 6 {
                        all += try await reader.frames { $0.id != nil && $0.data != nil }.suffix(1)
                    }
                    return all
                }
                let ids = told.compactMap(\.id)
                // Made by the schedule, in time.
                let job = "gen_random_uuid(), 'default', 'events.expire_events', '{}', 100, now(), 1"
                try await program.database.administrator.unsafeScript(
                    """
                    UPDATE events.log SET relayed_at = now() - interval '8 days' WHERE position <= 4;
                    INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
                    VALUES ('\(TenantID.none)', \(job))
                    """
                )
                try await poll("they are expired") {
                    try await client.gap(after: ids[0]) == "expired" ? () : nil
                }
                let flipped = ids[5].dropLast() + (ids[5].last == "0" ? "1" : "0")
                let gaps = [
                    (ids[3], "expired"), (start, "expired"), (String(flipped), "unknown"), ("lixo", "unknown"),
                    ("ffff-00000000", "future"),
                ]
                for (cursor, reason) in gaps {
                    let frames = try await client.events(Self.path, after: cursor) { reader in
                        try await reader.frames { $0.json?["type"] == "system_update" }
                    }
                    #expect(frames.first?.json?["type"] == "gap" && frames.first?.id == nil, "\(cursor): \(frames)")
                    #expect(frames.first?.json?["data"]?["reason"]?.string == reason, "\(cursor)")
                    #expect(frames[1].lines == ["id: \(ids[5])"], "\(cursor)")
                }
                #expect(try await client.gap(after: ids[4]) == nil)
            }
        }
    }

    @Test("One tenant hears nothing of another")
    func isolation() async throws {
        let (first, second) = (TestOrganization(try .current), TestOrganization(try .current))
        let start = try await first.admin.events(Self.path) { reader in try await reader.next()?.id }
        let shop = try await Shop.open(second)
        let own = try await first.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        _ = try await first.admin.chat(own, "Oi")
        let told = try await first.admin.toldAfter(start, until: "message_completed")
        #expect(
            told.compactMap { $0.json?["type"]?.string }
                == ["conversation_started", "message_received", "message_completed"]
        )
        #expect(!told.contains { $0.data?.contains(shop.agentID) == true })
    }
}

extension APIClient {
    /// Why the stream cannot go on from a cursor; nil where it does.
    fileprivate func gap(after cursor: String) async throws -> String? {
        try await events("/api/v2/events/dashboard", after: cursor) { reader in
            try await reader.next()?.json?["data"]?["reason"]?.string
        }
    }

    /// The events after a cursor, up to and with the first of a type.
    fileprivate func toldAfter(_ cursor: String?, until type: String) async throws -> [EventFrame] {
        try await events("/api/v2/events/dashboard", after: cursor) { reader in
            try await reader.frames { $0.json?["type"]?.string == type }.filter { $0.id != nil && $0.data != nil }
        }
    }
}
