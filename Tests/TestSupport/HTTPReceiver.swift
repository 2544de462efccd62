internal import HTTPTypes
internal import Hummingbird
internal import ServiceLifecycle
internal import Synchronization

/// A real HTTP server on this machine that keeps what it is sent, and answers as it is told.
package final class HTTPReceiver: Sendable {
    package struct Delivery: Sendable {
        package let path: String
        /// By lower-case name.
        package let headers: [String: String]
        package let body: [UInt8]
    }

    package enum Answer: Sendable {
        case status(Int, [String: String] = [:])
        /// The connection stays open, and nothing comes.
        case nothing
    }

    package let port: Int
    /// What comes, as it comes; for one reader.
    package let deliveries: AsyncStream<Delivery>
    private let answer: Box

    private init(port: Int, deliveries: AsyncStream<Delivery>, answer: Box) {
        self.port = port
        self.deliveries = deliveries
        self.answer = answer
    }

    /// From now on.
    package func answer(_ new: Answer) {
        answer.value.withLock { $0 = new }
    }

    private final class Box: Sendable {
        let value = Mutex(Answer.status(200))
    }

    package static func run<Result: Sendable>(
        _ body: @Sendable (HTTPReceiver) async throws -> Result
    ) async throws -> Result {
        let answer = Box()
        let (deliveries, received) = AsyncStream.makeStream(of: Delivery.self)
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            let body = try await request.body.collect(upTo: 16 << 20)
            // As it was when the request came: whoever hears of that may change it.
            let told = answer.value.withLock { $0 }
            received.yield(
                Delivery(
                    path: request.uri.path,
                    headers: request.headers.reduce(into: [:]) { $0[$1.name.canonicalName] = $1.value },
                    body: Array(body.readableBytesView)
                )
            )
            guard case .status(let status, let headers) = told else {
                try await gracefulShutdown()
                throw CancellationError()
            }
            var fields = HTTPFields()
            for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
            return Response(status: .init(code: status), headers: fields)
        }
        return try await whileServing(responder) { port in
            try await body(HTTPReceiver(port: port, deliveries: deliveries, answer: answer))
        }
    }
}
