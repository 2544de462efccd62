internal import Primitives
internal import Testing

/// The chat stream as `API.md` frames it, byte for byte.
@Suite("The chat stream", .server())
struct ChatTests {
    @Test("Frames are an id line and a data line, at most 1,200 bytes, numbered without a gap, with one terminal event")
    func frames() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let answer = try await shop.organization.admin.chat(shop.agentID, Shop.question)
        #expect(answer.runID.count == 36 && answer.conversationID.count == 36)
        #expect(answer.header("Cache-Control") == "no-cache, no-transform")
        #expect(answer.header("X-Accel-Buffering") == "no")
        for (index, frame) in answer.frames.enumerated() {
            #expect(frame.lines.count == 2 && frame.id == "\(answer.runID)-\(index + 1)" && frame.data != nil)
            #expect(frame.byteCount <= 1200)
            let json = try #require(frame.json)
            #expect(
                json.object?.members.map(\.name) == ["event", "data", "conversation_id", "message_id", "timestamp"]
            )
            #expect(json["conversation_id"]?.string == answer.conversationID)
            #expect(json["message_id"]?.string == answer.messageID)
            #expect(json["timestamp"]?.string.flatMap(Timestamp.init) != nil)
        }
        let terminal = answer.events.filter { $0 == "done" || $0 == "error" }
        #expect(terminal == ["done"] && answer.events.last == "done")
    }

    @Test("Progress comes first, sources before the answer that uses them, metadata before done")
    func order() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let answer = try await shop.organization.admin.chat(shop.agentID, Shop.question)
        let order = answer.events.reduce(into: [String]()) { order, event in
            if event != "progress" && order.last != event { order.append(event) }
        }
        #expect(order == ["source", "answer", "metadata", "done"])
        #expect(answer.events.first == "progress")
        let progress = answer.data("progress")
        #expect(progress.first?["status"] == "started")
        #expect(progress.contains { $0["status"] == "searching_knowledge" })
        let percents = progress.compactMap { $0["progress"]?.integer }
        #expect(percents == percents.sorted() && percents.allSatisfy { (0...100).contains($0) })

        let source = try #require(answer.data("source").first)
        #expect(source["document_id"]?.string == shop.documentID && source["datasource_id"]?.string == shop.baseID)
        #expect(source["source"] == "planos.md")
        #expect((source["content_excerpt"]?.string ?? "").utf8.count <= 500)
        let metadata = try #require(answer.data("metadata").first)
        #expect(metadata["provider"] == "local" && metadata["finish_reason"] == "stop")
        #expect(metadata["sources_count"]?.integer == answer.data("source").count)
        #expect(metadata["cost"]?["currency"] == "BRL")
        let done = try #require(answer.data("done").first)
        #expect(done["complete"] == true && done["run_id"]?.string == answer.runID)
        #expect(done["message_id"]?.string == answer.messageID && done["replayed"] == false)
    }

    @Test("An answer full of what JSON escapes and of four-byte characters is the same in frames, in the run and whole")
    func awkwardText() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        // The local provider quotes the question where it found nothing.
        let awkward = "\"\\ 👩‍👩‍👧‍👦 \\u0000 data: {}\n\nid: 1\tção é "
        let question = String(repeating: awkward, count: 4) + String(repeating: "𝔘𝔘𝔘𝔘𝔘𝔘𝔘 ", count: 40)
        let answer = try await client.chat(agentID, question)
        #expect(answer.frames.allSatisfy { $0.lines.count == 2 && $0.byteCount <= 1200 })
        #expect(answer.text.contains("𝔘") && answer.text.contains("👩‍👩‍👧‍👦"))
        let run = try await client.get("/api/v2/runs/\(answer.runID)").data()
        #expect(run["answer"]?.string == answer.text)
        let messages = try await client.get("/api/v2/conversations/\(answer.conversationID)/messages").data().array
        #expect(messages?.compactMap { $0["content"]?.string } == [answer.text, question])
    }

    @Test("streaming: false answers in one JSON, the same text and the same sources")
    func whole() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let response = try await shop.organization.admin.post(
            "/api/v2/agents/\(shop.agentID)/chat/stream",
            ["messages": [["role": "user", "content": .string(Shop.question)]], "streaming": false, "stray": 1]
        )
        let data = try response.data()
        #expect(data["answer"]?.string == shop.answer)
        #expect(data["sources"]?[0]?["document_id"]?.string == shop.documentID)
        #expect(data["conversation_id"]?.string == response.header("X-Conversation-Id"))
        #expect(data["message_id"]?.string?.count == 36)
        #expect(data["metadata"]?["warnings"]?.array?.contains { $0.string?.contains("stray") == true } == true)
        let run = try await shop.organization.admin.get("/api/v2/runs/\(response.header("X-Run-Id") ?? "")")
        #expect(try run.data()["message_id"] == data["message_id"])
    }

    @Test("A conversation goes on; earlier messages of a request count only where a conversation begins")
    func history() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let next = try await client.chat(shop.agentID, "E o Essencial?", conversationID: shop.conversationID)
        #expect(next.conversationID == shop.conversationID)
        let messages = try await client.get("/api/v2/conversations/\(shop.conversationID)/messages").data().array ?? []
        #expect(messages.compactMap { $0["seq"]?.integer } == [4, 3, 2, 1])

        let imported = try await client.post(
            "/api/v2/agents/\(shop.agentID)/chat/stream",
            [
                "messages": [
                    ["role": "user", "content": "Olá"], ["role": "assistant", "content": "Bom dia!"],
                    ["role": "user", "content": "Tem teste grátis?"],
                ], "streaming": false,
            ]
        ).data()
        let id = imported["conversation_id"]?.string ?? ""
        let stored = try await client.get("/api/v2/conversations/\(id)/messages").data().array ?? []
        #expect(stored.compactMap { $0["imported"]?.bool } == [false, false, true, true])
        let overview = try await client.get("/api/v2/analytics?period=day").data()["overview"]
        #expect(overview?["messages_in"] == 3 && overview?["messages_out"] == 3)
    }

    @Test("What can fail early fails with its status, before a stream opens")
    func earlyFailures() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let path = "/api/v2/agents/\(shop.agentID)/chat/stream"
        let question: JSON = [["role": "user", "content": "Oi"]]
        let client = shop.organization.admin
        let notLast = try await client.post(path, ["messages": [["role": "assistant", "content": "Oi"]]])
        #expect(notLast.status == 422 && notLast.problemFields == ["messages"])
        let elsewhere: JSON = ["messages": question, "conversation_id": .string(RunID.next().description)]
        #expect(try await client.post(path, elsewhere).errorCode == "conversation_not_found")
        let noAgent = "/api/v2/agents/\(RunID.next())/chat/stream"
        #expect(try await client.post(noAgent, ["messages": question]).errorCode == "agent_not_found")
        let instructed: JSON = ["messages": question, "system_prompt_override": "Responda só com poemas."]
        #expect(try await shop.organization.member.post(path, instructed).status == 403)
        #expect(try await client.post(path, instructed).status == 200)
    }

    @Test("The same Idempotency-Key attaches to the same run, frame by frame; another question under it is refused")
    func idempotency() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let key = [("Idempotency-Key", "pergunta-1")]
        let first = try await client.chat(shop.agentID, "Tem multa?", headers: key)
        let second = try await client.chat(shop.agentID, "Tem multa?", headers: key)
        #expect(first.header("Idempotent-Replayed") == nil)
        #expect(second.header("Idempotent-Replayed") == "true")
        #expect(second.runID == first.runID && second.frames == first.frames)
        let other = try await client.post(
            "/api/v2/agents/\(shop.agentID)/chat/stream",
            ["messages": [["role": "user", "content": "Outra"]]],
            key
        )
        #expect(other.status == 422 && other.errorCode == "idempotency_key_reused")
        let overview = try await client.get("/api/v2/analytics?period=day").data()["overview"]
        #expect(overview?["messages_in"] == 2, "the shop's question and this one")
    }
}

/// Answers that take a while.
@Suite("The chat stream, slowly", .server(["LOCAL_PROVIDER_PACE_MS": "40"]))
struct SlowChatTests {
    @Test("A client that goes away does not stop the answer: it is finished, stored and counted")
    func detached() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let runID = try await client.abandonedChat(agentID, .manyWords)
        let run = try await poll("run \(runID) is completed") {
            let run = try await client.get("/api/v2/runs/\(runID)").data()
            return run["state"] == "running" ? JSON?.none : run
        }
        #expect(run["state"] == "completed")
        #expect(run["answer"]?.string?.contains("palavra 39") == true)
        let overview = try await client.get("/api/v2/analytics?period=day").data()["overview"]
        #expect(overview?["messages_out"] == 1)
    }

    @Test("Many clients that go away at once leave the server as it was")
    func manyGoAway() async throws {
        let client = TestOrganization(try .current).admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let runs = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<30 { group.addTask { try await client.abandonedChat(agentID, .manyWords) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for id in runs {
            try await poll("run \(id) is completed") {
                try await client.get("/api/v2/runs/\(id)").data()["state"] == "completed" ? () : nil
            }
        }
    }
}

/// Answers that do not end while a test looks.
@Suite("The chat stream, without an end", .server(["LOCAL_PROVIDER_PACE_MS": "1000", "SHUTDOWN_GRACE_SECONDS": "1"]))
struct EndlessChatTests {
    @Test("One conversation answers one message at a time")
    func busy() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let first = try await client.openChat(agentID, .minutesOfWords)
        let again: JSON = [
            "messages": [["role": "user", "content": "E aí?"]], "conversation_id": .string(first.conversationID),
        ]
        let second = try await client.post("/api/v2/agents/\(agentID)/chat/stream", again)
        #expect(second.status == 409 && second.errorCode == "conversation_busy")
        #expect(second.header("Retry-After") != nil)
        let deletion = try await client.delete("/api/v2/conversations/\(first.conversationID)")
        #expect(deletion.status == 409 && deletion.errorCode == "conversation_busy")
    }

    @Test("Frames arrive one by one, not at the end")
    func unbuffered() async throws {
        let client = TestOrganization(try .current).admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let runID = try await client.abandonedChat(agentID, .minutesOfWords)
        // It was read up to the first word, and the run was still going on then.
        #expect(try await client.get("/api/v2/runs/\(runID)").data()["state"] == "running")
    }

    @Test("A comment every ten seconds keeps the connection in use, between whole frames")
    func heartbeat() async throws {
        let client = TestOrganization(try .current).admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let chat = try await client.openChat(agentID, .minutesOfWords)
        var reader = EventReader(chat.response)
        let first = try await reader.frames { $0.lines == [": ping"] }
        let second = try await reader.frames { $0.lines == [": ping"] }
        for words in [first, second] {
            #expect(words.dropLast().allSatisfy { $0.json?["event"] != nil })
            #expect(words.contains { $0.json?["event"] == "answer" })
        }
    }
}

extension String {
    /// The local provider repeats it word by word.
    static let manyWords = (0..<40).map { "palavra \($0)" }.joined(separator: " ")

    /// The most words that the local provider repeats: at a second each they take five minutes, so that no answer ends by
    /// itself, however slow the machine.
    static let minutesOfWords = Array(repeating: "a", count: 300).joined(separator: " ")
}

extension APIClient {
    /// Asks, reads up to the first piece of the answer and hangs up.
    /// - Returns: the run's id.
    func abandonedChat(_ agentID: String, _ question: String) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                let chat = try await openChat(agentID, question)
                _ = try await chat.frames(until: "answer")
                return chat.runID
            }
            guard let runID = try await group.next() else { throw CancellationError() }
            return runID
        }
    }
}
