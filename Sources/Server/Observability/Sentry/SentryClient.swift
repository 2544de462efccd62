internal import AsyncHTTPClient
internal import Logging
internal import Metrics
internal import NIOCore
internal import NIOHTTP1
internal import Primitives
internal import Synchronization

/// Sends events to Sentry, one after the other, in nobody's way.
///
/// What cannot be sent is dropped and counted, never tried again: Sentry asks for that, and what failed is in the log.
final class SentryClient: Sendable {
    enum Outcome: String, Sendable {
        case sent
        /// More came than the receiver takes.
        case queueFull = "queue_full"
        /// The receiver wants no more for now.
        case rateLimited = "rate_limited"
        /// No connection, no answer in time, or a refusal.
        case failed
    }

    private static let name = "agentes/\(Agentes.version)"

    private let dsn: SentryDSN
    private let origin: SentryOrigin
    private let timeout: Duration
    private let grace: Duration
    private let observe: @Sendable (Outcome) -> Void
    private let queue: AsyncStream<SentryEvent>
    private let continuation: AsyncStream<SentryEvent>.Continuation
    private let (ended, endedContinuation) = AsyncStream.makeStream(of: Void.self)

    /// - Parameters:
    ///   - capacity: events that wait.
    ///   - timeout: for the head of an answer.
    ///   - grace: what waits at the end may still be sent for so long.
    ///   - observe: told what became of each event; counts them in `sentry_events_total{outcome}`.
    init(
        _ dsn: SentryDSN,
        origin: SentryOrigin,
        capacity: Int = 100,
        timeout: Duration = .seconds(5),
        grace: Duration = .seconds(2),
        observe: @escaping @Sendable (Outcome) -> Void = {
            Counter(label: "sentry_events_total", dimensions: [("outcome", $0.rawValue)]).increment()
        }
    ) {
        self.dsn = dsn
        self.origin = origin
        self.timeout = timeout
        self.grace = grace
        self.observe = observe
        (queue, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Never blocks.
    func send(_ event: SentryEvent) {
        if case .dropped = continuation.yield(event) { observe(.queueFull) }
    }

    /// Sends until `finish` is called, or until the task is cancelled.
    func run(_ logger: Logger) async {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        var limit = SentryRateLimit()
        var isReachable = true
        for await event in queue {
            guard limit.isOver(at: .now) else {
                observe(.rateLimited)
                continue
            }
            let problem = await deliver(event, by: client, &limit)
            if isReachable != (problem == nil) {
                isReachable.toggle()
                // Not as an error: that would be one more to send.
                let reason: Logger.Metadata = problem.map { ["reason": "\($0)"] } ?? [:]
                logger.notice(
                    isReachable ? "errors reach Sentry again" : "errors do not reach Sentry",
                    metadata: reason
                )
            }
        }
        // Nothing of it is under way any more.
        try? await client.shutdown()
        endedContinuation.finish()
    }

    /// Takes no more events, and returns when all that wait are sent or their time is over.
    func finish() async {
        continuation.finish()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.ended {} }
            group.addTask { try? await Task.sleep(for: self.grace) }
            await group.next()
            group.cancelAll()
        }
    }

    /// - Returns: what went wrong, in words for the log.
    private func deliver(
        _ event: SentryEvent,
        by client: HTTPClient,
        _ limit: inout SentryRateLimit
    ) async -> String? {
        var request = HTTPClientRequest(url: dsn.endpoint)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/x-sentry-envelope",
            "User-Agent": Self.name,
            "X-Sentry-Auth": dsn.authorization(client: Self.name),
        ]
        request.body = .bytes(ByteBuffer(bytes: event.envelope(origin, sentAt: WallClock.system.now())))
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let status = Int(response.status.code)
            limit.note(
                status: status,
                limits: response.headers.first(name: "X-Sentry-Rate-Limits"),
                retryAfter: response.headers.first(name: "Retry-After"),
                at: .now
            )
            switch status {
            case 200..<300:
                observe(.sent)
                return nil
            case 429:
                observe(.rateLimited)
                return nil
            default:
                observe(.failed)
                return "status \(status)"
            }
        } catch {
            observe(.failed)
            return "\(error)"
        }
    }
}
