internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import NIOCore
public import Primitives
public import Tenancy

/// A request before anybody knows who sent it.
public struct EdgeContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public let requestID: Primitives.RequestID
    /// The connection's other end, in text.
    public let peerAddress: String?
    /// From where the request comes, through proxies that we trust.
    public var clientAddress = ClientAddress.unknown
    /// The connection.
    let channel: any Channel
    public var language: Language = .portuguese
    /// What the limits said of this request so far.
    let standings = RateStandings()
    /// Who it turned out to come from.
    let caller = CallerRecord()
    /// Browsers say where a request comes from, and scripts cannot forge it (Fetch metadata).
    var isFromBrowser = false

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = Primitives.RequestID.next()
        peerAddress = source.channel.remoteAddress?.ipAddress
        channel = source.channel
        logger[metadataKey: "request_id"] = "\(requestID)"
    }
}

extension EdgeContext: RequestContextSource {}
