internal import Metrics
internal import Primitives
internal import Synchronization

/// How many requests there were, and how long they took: a counter of each kind and a timer of each route, kept because
/// finding one by its labels costs more than recording.
final class RequestMeasures: Sendable {
    struct Request: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct Handlers {
        let total: Counter
        let duration: Timer

        init(_ request: Request) {
            total = Counter(
                label: "http_requests_total",
                dimensions: [("method", request.method), ("route", request.route), ("status", "\(request.status)")]
            )
            duration = Timer(label: "http_request_duration_seconds", dimensions: [("route", request.route)])
        }
    }

    /// Methods are any word that a client sends.
    private static let capacity = 4096

    private let known = Mutex<[Request: Handlers]>([:])

    func record(_ request: Request, took duration: Duration) {
        let handlers = known.withLock { known in
            if let handlers = known[request] { return handlers }
            let handlers = Handlers(request)
            if known.count < Self.capacity { known[request] = handlers }
            return handlers
        }
        handlers.total.increment()
        handlers.duration.recordNanoseconds(duration.microseconds * 1000)
    }
}
