/// What a plan may limit hard: nothing goes beyond it, whatever happens at the same time.
public enum Quota: String, Hashable, Sendable, CaseIterable {
    /// Answers a calendar month (UTC); those that failed or were interrupted do not count.
    case messages
    /// Of prompts and answers, a calendar month (UTC).
    case tokens
    /// Bytes of the documents there are, as they were sent.
    case storage
}

extension PlanLimits {
    /// nil: none.
    public subscript(quota: Quota) -> Int? {
        switch quota {
        case .messages: monthlyMessages
        case .tokens: monthlyTokens
        case .storage: storageBytes
        }
    }
}
