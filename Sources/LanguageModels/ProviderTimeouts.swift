public import AsyncHTTPClient
internal import NIOCore

/// How long a provider may be silent; for the one HTTP client that all providers share.
public struct ProviderTimeouts: Sendable {
    /// Until a connection stands, TLS included.
    public var connect: Duration
    /// From the request to the head of its response; bounded by `idle` too, which the client counts from the start.
    public var responseHead: Duration
    /// Between two reads of a response: a model may think that long without a word.
    public var idle: Duration

    public init(
        connect: Duration = .seconds(5),
        responseHead: Duration = .seconds(60),
        idle: Duration = .seconds(120)
    ) {
        self.connect = connect
        self.responseHead = responseHead
        self.idle = idle
    }

    /// The configuration of a client that keeps these times.
    ///
    /// Redirects are off, since they would carry the key elsewhere. A failed connection is told at once; trying again
    /// is `RetryPolicy`'s. An answer holds an HTTP/1 connection for its whole time, so the client's usual limit of 8 a
    /// host would make the ninth visitor wait.
    ///
    /// - Parameter connections: HTTP/1 connections to one provider at most.
    public func clientConfiguration(connections: Int = 512) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connect), read: TimeAmount(idle))
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        // Below the keep-alive time of common servers: a request on a connection that the peer just closed is lost,
        // and a lost request is not sent again.
        configuration.connectionPool.idleTimeout = .seconds(30)
        return configuration
    }
}
