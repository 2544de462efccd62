internal import Primitives

/// Reads the events of one response; a value without I/O.
///
/// Known from recorded traffic: the order of events, usage only in the last one, and errors told twice, by `error` and
/// then by `response.failed`. The first one stands, and nothing after it is read.
struct OpenAIResponseEvents {
    /// The answer so far.
    private(set) var text = ""
    /// Whether anything of the answer, or of the reasoning for it, was given.
    private(set) var hasDeltas = false
    private(set) var isComplete = false
    private let requestID: String?
    private var textItem: Int?
    private var hasRefusal = false
    private var hasCalls = false

    init(requestID: String?) {
        self.requestID = requestID
    }

    /// - Throws: `FailedAttempt` when the provider says that it failed; `JSONSyntaxError`.
    mutating func receive(_ event: ServerSentEvent) throws -> [ChatEvent] {
        guard event.name.map(Self.relevant.contains) ?? true else { return [] }
        let json = try JSON.parse(event.data).root
        switch json["type"]?.string {
        case "response.created":
            return [.started(model: json["response"]?["model"]?.string ?? "")]
        case "response.output_text.delta":
            return delta(of: json)
        case "response.refusal.delta":
            hasRefusal = true
            return delta(of: json)
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            guard let delta = json["delta"]?.string, !delta.isEmpty else { return [] }
            hasDeltas = true
            return [.thinkingDelta(delta)]
        case "response.output_item.done":
            if json["item"]?["type"]?.string == "function_call" { hasCalls = true }
            return []
        case "response.completed":
            return complete(json["response"], hasRefusal ? .contentFilter : hasCalls ? .toolCalls : .stop)
        case "response.incomplete":
            let reason = json["response"]?["incomplete_details"]?["reason"]?.string
            // Whatever other reason there may be, the answer is cut.
            return complete(json["response"], reason == "content_filter" ? .contentFilter : .length)
        case "response.failed":
            throw OpenAIError(json["response"]?["error"]).streamFailure(requestID: requestID)
        case "error":
            // The specification has the fields in the event, the service in an object `error`.
            throw OpenAIError(json["error"] ?? json).streamFailure(requestID: requestID)
        default:
            return []
        }
    }

    private mutating func delta(of json: JSON) -> [ChatEvent] {
        guard let delta = json["delta"]?.string, !delta.isEmpty else { return [] }
        hasDeltas = true
        // A remark and the answer are two items of one response; without a break their words would touch.
        let item = json["output_index"]?.integer
        let piece = text.isEmpty || item == textItem ? delta : "\n\n" + delta
        textItem = item
        text += piece
        return [.textDelta(piece)]
    }

    private mutating func complete(_ response: JSON?, _ reason: FinishReason) -> [ChatEvent] {
        isComplete = true
        let usage = response?["usage"].flatMap(Self.usage)
        return (usage.map { [.usage($0)] } ?? []) + [.finish(reason)]
    }

    /// Cached and written tokens are counted within the input, reasoning within the output.
    private static func usage(_ json: JSON) -> TokenUsage? {
        guard let input = json["input_tokens"]?.integer, let output = json["output_tokens"]?.integer else { return nil }
        let details = json["input_tokens_details"]
        let read = min(max(details?["cached_tokens"]?.integer ?? 0, 0), input)
        let written = min(max(details?["cache_write_tokens"]?.integer ?? 0, 0), input - read)
        return TokenUsage(
            inputUncached: input - read - written,
            cacheRead: read,
            cacheWrite: written,
            output: output,
            isEstimated: false
        )
    }

    private static let relevant: Set<String> = [
        "response.created", "response.output_text.delta", "response.refusal.delta",
        "response.reasoning_summary_text.delta", "response.reasoning_text.delta", "response.output_item.done",
        "response.completed", "response.incomplete", "response.failed", "error",
    ]
}
