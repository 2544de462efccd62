/// Tokens of one answer in the ledger's four disjoint meters.
public struct TokenUsage: Hashable, Sendable {
    /// Input that the provider read anew.
    public let inputUncached: Int
    /// Input that it had in its prompt cache.
    public let cacheRead: Int
    /// Input that it wrote into its prompt cache, where that has a price of its own.
    public let cacheWrite: Int
    /// Everything that the model wrote, reasoning included.
    public let output: Int
    /// Whether we estimated, since the provider did not tell.
    public let isEstimated: Bool

    public init(inputUncached: Int, cacheRead: Int = 0, cacheWrite: Int = 0, output: Int, isEstimated: Bool) {
        self.inputUncached = inputUncached
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.output = output
        self.isEstimated = isEstimated
    }

    public var inputTotal: Int { inputUncached + cacheRead + cacheWrite }
    public var total: Int { inputTotal + output }
}

extension TokenUsage {
    /// What a request and the text that was answered so far cost about, for streams that ended without telling.
    public static func estimated(for request: ChatRequest, output text: String) -> TokenUsage {
        estimated(for: Prompt(request), output: text)
    }

    static func estimated(for prompt: Prompt, output text: String) -> TokenUsage {
        let input = prompt.messages.reduce(estimatedTokens(in: prompt.instructions)) {
            $0 + estimatedTokens(in: $1.text)
        }
        return TokenUsage(inputUncached: input, output: estimatedTokens(in: text), isEstimated: true)
    }

    /// The most that answering a request is expected to take, to be reserved before it is asked: of the prompt twice
    /// the estimate, which no language's text passes; of the answer all that it may have; together no more than the
    /// model can hold.
    ///
    /// - Parameter passages: how many passages may be put into the prompt later, of at most 1,000 tokens each.
    public static func bound(for request: ChatRequest, passages: Int) -> Int {
        let prompt = 2 * estimated(for: request, output: "").inputTotal + passages * 1000
        return min(prompt + request.maximumOutputTokens, request.model.contextWindow)
    }

    /// A quarter of the UTF-8 bytes, rounded up: OpenAI's rule of thumb of four characters a token; an accented letter,
    /// two bytes, counts as two.
    static func estimatedTokens(in text: String) -> Int {
        (text.utf8.count + 3) / 4
    }
}
