/// What a request costs about, by which it is limited.
public enum RouteClass: String, Hashable, Sendable, CaseIterable {
    case read, write
    /// Asks a model.
    case chat
    /// Hands in a document, which is then indexed.
    case upload

    /// How many reads a request is worth where a plan gives no figure for its class.
    var weight: Int {
        switch self {
        case .read: 1
        case .write: 2
        case .chat: 5
        case .upload: 10
        }
    }
}
