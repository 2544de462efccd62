internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One request and its response over one connection to one checked address.
struct Exchange: Sendable {
    let target: OutboundTarget
    let request: OutboundRequest
    /// Checked; nothing else is dialled.
    let address: IPAddress
    let connectTimeout: Duration
    let tls: TLSConfiguration
    let progress: CallProgress

    /// Cancelling the task closes the connection.
    ///
    /// The client is this exchange's own, for the override of an address is a whole client's (AsyncHTTPClient 1.37). It
    /// is shut down without waiting: with TLS it says good-bye first, and a receiver can leave that unanswered for 5 s.
    func run() async throws -> OutboundResponse {
        let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        defer { Task { try? await client.shutdown() } }
        // `withDeadline` ends it sooner; this is for the client's own timers.
        let response = try await client.execute(message, timeout: TimeAmount(request.deadline))
        progress.enter(.receiving)
        var body: [UInt8] = []
        var isCut = false
        do {
            for try await piece in response.body { body += piece.readableBytesView }
        } catch is ConnectionWatch.CapReached {
            isCut = true
        }
        // A cancelled body may end as if it were whole.
        try Task.checkCancellation()
        return OutboundResponse(
            status: Int(response.status.code),
            headers: response.headers.map { ($0.name, $0.value) },
            body: body,
            isCut: isCut,
            address: address
        )
    }

    private var message: HTTPClientRequest {
        var message = HTTPClientRequest(url: target.url)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        message.headers.add(name: "Connection", value: "close")
        if !request.body.isEmpty { message.body = .bytes(ByteBuffer(bytes: request.body)) }
        return message
    }

    private var certifiedName: String? {
        if case .name(let name) = target.host, target.scheme == .https { name } else { nil }
    }

    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout)),
            proxy: nil,
            decompression: .disabled
        )
        // Of an address in the URL there is nothing to override.
        if case .name(let name) = target.host { configuration.dnsOverride = [name: address.description] }
        // HTTP/2 has another pipeline, in which nobody would watch.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = {
            [address, certifiedName, progress, byteCap = request.byteCap] channel in
            ConnectionWatch.install(
                on: channel,
                expecting: address,
                certifiedFor: certifiedName,
                byteCap: byteCap,
                progress: progress
            )
        }
        return configuration
    }
}
