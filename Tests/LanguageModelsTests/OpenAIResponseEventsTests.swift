internal import Primitives
internal import Testing
@testable internal import LanguageModels

@Suite("OpenAI's events")
struct OpenAIResponseEventsTests {
    private func read(_ build: (inout ResponsesStream) -> Void) throws -> [ChatEvent] {
        var stream = ResponsesStream()
        build(&stream)
        var decoder = ServerSentEventDecoder()
        var events = OpenAIResponseEvents(requestID: nil)
        return try decoder.decode(stream.text.utf8).flatMap { try events.receive($0) }
    }

    @Test(
        "an answer cut by its limit ends with length, by the filter with content_filter",
        arguments: [
            ("max_output_tokens", FinishReason.length), ("content_filter", .contentFilter), ("something_new", .length),
        ]
    )
    func incomplete(reason: String, finish: FinishReason) throws {
        let events = try read {
            $0.delta("Olá")
            $0.end("response.incomplete", usage: ResponsesStream.usage, details: ["reason": .string(reason)])
        }
        #expect(events.last == .finish(finish))
        #expect(events.count == 3)
    }

    @Test("a refusal is text, and ends with content_filter")
    func refusal() throws {
        let events = try read {
            $0.delta("Não posso ajudar com isso.", type: "response.refusal.delta")
            $0.end()
        }
        #expect(events == [.textDelta("Não posso ajudar com isso."), .finish(.contentFilter)])
    }

    @Test("a function call ends with tool_calls")
    func functionCall() throws {
        let events = try read {
            $0.add("response.output_item.done", [("item", ["type": "function_call", "name": "get_plan"])])
            $0.end()
        }
        #expect(events == [.finish(.toolCalls)])
    }

    @Test("two items of one response are two paragraphs")
    func items() throws {
        let events = try read {
            $0.delta("Vou ", item: 0)
            $0.delta("ver.", item: 0)
            $0.delta("Custa R$ 99.", item: 2)
        }
        #expect(events == [.textDelta("Vou "), .textDelta("ver."), .textDelta("\n\nCusta R$ 99.")])
    }

    @Test("unknown events and empty deltas say nothing")
    func unknown() throws {
        let events = try read {
            $0.add("response.something_new", [("delta", "x")])
            $0.delta("")
            $0.add("codex.rate_limits", [])
        }
        #expect(events.isEmpty)
    }

    @Test(
        "an error is read in both of its shapes, and in a failed response",
        arguments: [
            ("insufficient_quota", Fault.Code.providerQuotaExceeded, false),
            ("rate_limit_exceeded", .providerRateLimited, true),
            ("server_is_overloaded", .providerOverloaded, true), ("server_error", .providerUnavailable, true),
            ("invalid_prompt", .providerRejected, false), ("something_new", .providerUnavailable, true),
        ]
    )
    func errors(reason: String, code: Fault.Code, mayRetry: Bool) throws {
        let error: JSON = ["code": .string(reason), "message": "Não."]
        let shapes: [(inout ResponsesStream) -> Void] = [
            { $0.add("error", [("code", .string(reason)), ("message", "Não."), ("param", nil)]) },
            { $0.add("error", [("error", ["type": .string(reason), "code": nil, "message": "Não."])]) },
            { $0.add("error", [("error", error)]) },
            { $0.add("response.failed", [("response", ["error": error, "usage": nil])]) },
        ]
        for shape in shapes {
            let failure = try #require(throws: FailedAttempt.self) { try read(shape) }
            #expect(failure.fault.code == code)
            #expect(failure.mayRetry == mayRetry)
            #expect((failure.fault.cause as? ProviderFailure)?.reason == reason)
        }
    }

    @Test(
        "cached and written input are taken out of the input, and never make it negative",
        arguments: [
            (#"{"input_tokens":100,"output_tokens":5}"#, 100, 0, 0),
            (#"{"input_tokens":100,"input_tokens_details":{"cached_tokens":60},"output_tokens":5}"#, 40, 60, 0),
            (
                #"{"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":30},"output_tokens":5}"#,
                10, 60, 30
            ),
            (
                #"{"input_tokens":100,"input_tokens_details":{"cached_tokens":90,"cache_write_tokens":30},"output_tokens":5}"#,
                0, 90, 10
            ),
        ]
    )
    func usage(json: String, uncached: Int, read: Int, written: Int) throws {
        let events = try self.read { $0.end(usage: (try? JSON.parse(json).root) ?? nil) }
        #expect(
            events.first
                == .usage(
                    TokenUsage(
                        inputUncached: uncached,
                        cacheRead: read,
                        cacheWrite: written,
                        output: 5,
                        isEstimated: false
                    )
                )
        )
    }
}
