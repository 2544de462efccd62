internal import Synchronization

/// A Lua script, which runs in Redis as one step that nothing else comes between.
public final class RedisScript: Sendable {
    public let source: String
    /// The SHA-1 by which Redis knows the script, as Redis told it; the same on every server.
    private let known = Mutex<RedisArgument?>(nil)

    public init(_ source: String) {
        self.source = source
    }

    var digest: RedisArgument? {
        get { known.withLock { $0 } }
        set { known.withLock { $0 = newValue } }
    }
}
