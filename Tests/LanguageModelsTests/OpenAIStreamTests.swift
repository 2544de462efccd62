internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import LanguageModels

@Suite("OpenAI's stream, over a socket", .timeLimit(.minutes(1)))
struct OpenAIStreamTests {
    @Test(
        "gives the text and the usage that the stream itself tells, cut at random bytes",
        arguments: ResponsesRecording.made + ResponsesRecording.recorded
    )
    func recordings(recording: ResponsesRecording) async throws {
        let told = recording.told
        for seed in 1...3 as ClosedRange<UInt64> {
            let answer = try await withOpenAI { connection in
                _ = try await connection.request()
                try await connection.sendStreamHead()
                var random = SplitMix64(seed: seed)
                var rest = recording.bytes[...]
                // 1 to 7 bytes at a time for a while, which cuts characters and line ends; then larger pieces.
                var pieces = 0
                while !rest.isEmpty {
                    pieces += 1
                    let size = Int.random(in: 1...(pieces < 200 ? 7 : 4096), using: &random)
                    try await connection.sendChunk(rest.prefix(size))
                    rest = rest.dropFirst(size)
                }
                try await connection.sendLastChunk()
            } _: { provider, _ in
                try await ReadAnswer(provider.stream(.example()))
            }
            #expect(answer.text == told.text)
            guard let usage = told.usage else {
                #expect(answer.fault != nil)
                continue
            }
            #expect(answer.fault == nil)
            #expect(answer.usages.map(\.inputTotal) == [usage["input_tokens"]?.integer])
            #expect(answer.usages.map(\.cacheRead) == [usage["input_tokens_details"]?["cached_tokens"]?.integer])
            #expect(answer.usages.map(\.output) == [usage["output_tokens"]?.integer])
            #expect(answer.usages.allSatisfy { !$0.isEstimated })
            #expect(answer.finishes.count == 1)
        }
    }

    @Test("has streams of the real service to read")
    func realRecordings() {
        #expect(ResponsesRecording.recorded.count >= 5)
    }

    @Test("sends the request as the service takes it")
    func request() async throws {
        let (requests, sent) = AsyncStream.makeStream(of: (head: String, body: [UInt8]).self)
        let request = ChatRequest.example(
            messages: [ChatMessage(.user, "Oi"), ChatMessage(.assistant, "Olá!"), ChatMessage(.user, "Quanto custa?")],
            temperature: 0.5
        )
        let answer = try await withOpenAI { connection in
            sent.yield(try await connection.message())
            try await connection.sendStreamHead()
            try await connection.sendChunk(ResponsesStream.answer(["Olá"]).text.utf8)
            try await connection.sendLastChunk()
        } _: { provider, _ in
            try await ReadAnswer(provider.stream(request))
        }
        #expect(
            answer.events == [
                .started(model: "gpt-5.4-2026-03-05"), .thinkingDelta("Pensando…"), .textDelta("Olá"),
                .usage(TokenUsage(inputUncached: 200, cacheRead: 1024, cacheWrite: 56, output: 42, isEstimated: false)),
                .finish(.stop),
            ]
        )
        var iterator = requests.makeAsyncIterator()
        let received = try #require(await iterator.next())
        let head = received.head.lowercased()
        for line in [
            "post /v1/responses http/1.1", "authorization: bearer sk-secret", "content-type: application/json",
            "openai-organization: org-1", "openai-project: proj-1",
        ] {
            #expect(head.contains(line), "\(line)")
        }
        #expect(
            try JSON.parse(received.body).root == [
                "model": "gpt-5.4",
                "instructions": "Você é a Lia.",
                "input": [
                    ["role": "user", "content": "Oi"], ["role": "assistant", "content": "Olá!"],
                    ["role": "user", "content": "Quanto custa?"],
                ],
                "stream": true,
                "store": false,
                "stream_options": ["include_obfuscation": false],
                "max_output_tokens": 1024,
                "temperature": 0.5,
                "reasoning": ["effort": "none"],
                "prompt_cache_key": "agent-1",
                "safety_identifier": "5d41402a",
            ]
        )
    }

    @Test("keeps what came before an error in the middle, estimates its cost, and tells the error once")
    func errorInTheMiddle() async throws {
        var stream = ResponsesStream()
        stream.begin()
        stream.delta("O plano custa ")
        stream.add("error", [("error", ["type": "server_error", "code": nil, "message": "Try again."])])
        stream.end("response.failed")
        let bytes = Array(stream.text.utf8)
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.sendStreamHead()
            try await connection.sendChunk(bytes)
            try await connection.sendLastChunk()
        } _: { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.text == "O plano custa ")
            #expect(answer.usages == [.estimated(for: .example(), output: "O plano custa ")])
            #expect(answer.usages.first?.isEstimated == true)
            #expect(answer.finishes.isEmpty)
            #expect(answer.fault?.code == .providerUnavailable)
            #expect(connections() == 1, "nothing is sent again after a delta")
        }
    }

    enum Cut: CaseIterable {
        case bodyEnds, connectionBreaks, doneMarker
    }

    @Test("a stream without its last event is truncated, its cost estimated", arguments: Cut.allCases)
    func truncated(cut: Cut) async throws {
        var stream = ResponsesStream()
        stream.begin()
        stream.delta("Meia resp")
        let text = stream.text
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.sendStreamHead()
            try await connection.sendChunk(text.utf8)
            switch cut {
            case .bodyEnds:
                // The terminal event's line came, the blank line after it did not: it does not count.
                try await connection.sendChunk(
                    "event: response.completed\ndata: {\"type\":\"response.completed\"}\n".utf8
                )
                try await connection.sendLastChunk()
            case .connectionBreaks:
                break
            case .doneMarker:
                try await connection.sendChunk("data: [DONE]\n\n".utf8)
                await connection.waitForClose()
            }
        } _: { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.text == "Meia resp")
            #expect(answer.fault?.code == .providerStreamTruncated)
            #expect(answer.fault?.isRetryable == true)
            #expect(answer.usages == [.estimated(for: .example(), output: "Meia resp")])
            #expect(connections() == 1)
        }
    }

    @Test("an answer that ends without its usage gets an estimate")
    func missingUsage() async throws {
        var stream = ResponsesStream()
        stream.begin()
        stream.delta("Olá")
        stream.end()
        let text = stream.text
        let answer = try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.sendStreamHead()
            try await connection.sendChunk(text.utf8)
            try await connection.sendLastChunk()
        } _: { provider, _ in
            try await ReadAnswer(provider.stream(.example()))
        }
        #expect(answer.fault == nil)
        #expect(answer.events.suffix(2) == [.usage(.estimated(for: .example(), output: "Olá")), .finish(.stop)])
    }

    @Test("a stream that is not what it should be is refused, its cost estimated")
    func invalid() async throws {
        let answer = try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.sendStreamHead()
            try await connection.sendChunk("data: <html>\n\n".utf8)
            await connection.waitForClose()
        } _: { provider, _ in
            try await ReadAnswer(provider.stream(.example()))
        }
        #expect(answer.fault?.code == .providerStreamInvalid)
        #expect(answer.usages.map(\.isEstimated) == [true])
    }

    @Test("cancelling the reader closes the provider's connection")
    func cancelled() async throws {
        let (closes, closed) = AsyncStream.makeStream(of: Void.self)
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.sendStreamHead()
            var stream = ResponsesStream()
            stream.begin()
            stream.delta("Olá")
            try await connection.sendChunk(stream.text.utf8)
            await connection.waitForClose()
            closed.yield()
        } _: { provider, _ in
            let (deltas, gotDelta) = AsyncStream.makeStream(of: Void.self)
            let reader = Task {
                for try await event in provider.stream(.example()) {
                    if case .textDelta = event { gotDelta.yield() }
                }
            }
            for await _ in deltas { break }
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
            for await _ in closes { break }
        }
    }

    @Test("a reader that stops reading closes the provider's connection")
    func dropped() async throws {
        let (closes, closed) = AsyncStream.makeStream(of: Void.self)
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.sendStreamHead()
            var stream = ResponsesStream()
            stream.begin()
            try await connection.sendChunk(stream.text.utf8)
            await connection.waitForClose()
            closed.yield()
        } _: { provider, _ in
            for try await event in provider.stream(.example()) {
                #expect(event == .started(model: "gpt-5.4-2026-03-05"))
                break
            }
            for await _ in closes { break }
        }
    }

    @Test("thirty answers stream at once over HTTP/1")
    func concurrency() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let opened = Task { for await _ in gates {} }
        try await withOpenAI { connection in
            _ = try await connection.request()
            arrived.yield()
            await opened.value
            try await connection.sendStreamHead()
            try await connection.sendChunk(ResponsesStream.answer(["Olá"]).text.utf8)
            try await connection.sendLastChunk()
        } _: { provider, _ in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...30 {
                    group.addTask { try await ReadAnswer(provider.stream(.example())).text }
                }
                var count = 0
                for await _ in arrivals {
                    count += 1
                    if count == 30 { break }
                }
                gate.finish()
                for try await text in group { #expect(text == "Olá") }
            }
        }
    }
}
