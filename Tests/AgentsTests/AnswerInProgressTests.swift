internal import LanguageModels
internal import Primitives
internal import Testing

@testable internal import Agents

@Suite("An answer in progress")
struct AnswerInProgressTests {
    @Test("tells the text in frames that fit, and keeps what is not told")
    func stream() {
        let question = ChatRequest(
            model: LanguageModel(
                id: "m",
                provider: .local,
                displayName: "M",
                contextWindow: 1000,
                maximumOutputTokens: 100,
                capabilities: .init(temperature: true, tools: false, vision: false, reasoningEffort: nil),
                availableFrom: Timestamp(secondsSinceEpoch: 0)
            ),
            system: "",
            messages: [ChatMessage(.user, "Oi, tudo bem?")],
            maximumOutputTokens: 100,
            language: .portuguese,
            cacheKey: "",
            safetyIdentifier: ""
        )
        var answer = AnswerInProgress(question)
        #expect(answer.usageSoFar == nil)
        let usage = TokenUsage(inputUncached: 3, output: 4, isEstimated: false)
        let long = String(repeating: "\"ção\" ", count: 300)
        let events: [ChatEvent] = [
            .warning(.temperatureDropped), .retrying(attempt: 2, after: .seconds(1)), .started(model: "m"),
            .thinkingDelta("hm"), .textDelta("Olá "), .textDelta(long), .usage(usage), .finish(.toolCalls),
        ]
        var told: [RunEvent.Payload] = []
        for (index, event) in events.enumerated() {
            told += answer.receive(event, at: .milliseconds(index))
            // Once the provider took the request, something was spent.
            #expect((answer.usageSoFar != nil) == (index >= 2))
        }
        #expect(told.first == .progress(.init(.retrying, percent: 30)))
        let pieces = told.dropFirst().map { if case .answer(let text) = $0 { text } else { "?" } }
        #expect(pieces.count == 5)
        #expect(pieces.joined() == "Olá " + long)
        #expect(pieces.allSatisfy { JSONWriter.escapedLength(of: $0) <= FrameText.maximumDelta })
        #expect(answer.text == "Olá " + long)
        // Neither waiting nor thinking is a word of the answer.
        #expect(answer.timeToFirstToken == .milliseconds(4))
        #expect(answer.usage == usage && answer.finishReason == .toolLimit)
        #expect(answer.warnings == ["temperature_dropped"])
    }
}
