internal import LanguageModels

/// How much of a conversation a model is told.
enum ChatHistory {
    /// Messages before the question.
    static let maximumMessages = 40
    /// Bytes of them together, about 12,000 tokens.
    private static let maximumSize = 48_000

    /// The newest messages that fit, oldest first.
    /// - Parameter newestFirst: what was said before the question.
    static func recent(_ newestFirst: some Sequence<(role: Message.Role, content: String)>) -> [ChatMessage] {
        var size = 0
        let fitting = newestFirst.prefix(maximumMessages).prefix { message in
            size += message.content.utf8.count
            return size <= maximumSize
        }
        return fitting.reversed().map { ChatMessage($0.role == .user ? .user : .assistant, $0.content) }
    }
}
