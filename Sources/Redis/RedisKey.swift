/// A key, which begins with the hash tag of what it belongs to: all keys of one tag are on one node of a cluster.
public struct RedisKey: Hashable, Sendable {
    /// What is between the braces: `t:<tenant>`, `ip:<prefix>`, `jwks`.
    public let tag: String
    public let name: String

    /// - Parameters:
    ///   - tag: Without braces; of characters that we chose, never a stranger's.
    ///   - name: What it is within the tag.
    public init(tag: String, _ name: String) {
        self.tag = tag
        self.name = name
    }

    public var text: String { "{\(tag)}\(name)" }
}
