/// How many calls there may be at once in this process.
public struct CallLimits: Hashable, Sendable {
    /// Under way, to one host name; default 8.
    public var perHost: Int
    /// Under way; default 256.
    public var total: Int
    /// Waiting, to one host name, before one more is refused; default 32.
    public var waitingPerHost: Int
    /// Waiting, before one more is refused; default 1,024.
    public var waitingTotal: Int

    public init(perHost: Int = 8, total: Int = 256, waitingPerHost: Int = 32, waitingTotal: Int = 1024) {
        self.perHost = perHost
        self.total = total
        self.waitingPerHost = waitingPerHost
        self.waitingTotal = waitingTotal
    }
}
