/// A service that answers a conversation as a stream.
public protocol ChatProvider: Sendable {
    var name: ProviderName { get }

    /// Asks for an answer; nothing is sent before the first `next()`.
    ///
    /// The events come as `ChatEvent` says; a failure is thrown as a `Fault` of this module's codes, after the `usage`
    /// of what was already spent. Cancelling the consuming task, or dropping the iterator, closes the provider's
    /// connection; a cancelled stream throws `CancellationError` and tells no usage: count it with
    /// `TokenUsage.estimated(for:output:)`.
    func stream(_ request: ChatRequest) -> ChatStream
}
