internal import Auth
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization
internal import TestSupport

/// A real HTTP server on this machine that serves the fixture's key set, until told otherwise.
final class KeyServer: Sendable {
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let body: [UInt8]
    }

    private struct State {
        var answer: Answer
        var isStalled = false
        var requests = 0
    }

    let port: Int
    private let state: Box<State>

    private init(port: Int, state: Box<State>) {
        self.port = port
        self.state = state
    }

    var requests: Int { state.value.requests }

    var answer: Answer {
        get { state.value.answer }
        set { state.withLock { $0.answer = newValue } }
    }

    var body: [UInt8] {
        get { answer.body }
        set { answer = Answer(status: .ok, body: newValue) }
    }

    /// Whether it sends the head of an answer and then nothing.
    var isStalled: Bool {
        get { state.value.isStalled }
        set { state.withLock { $0.isStalled = newValue } }
    }

    static func run<Result: Sendable>(_ body: @Sendable (KeyServer) async throws -> Result) async throws -> Result {
        let keys = [UInt8](try Data(contentsOf: URL(filePath: TokenFixture.issuer.jwksPath)))
        let state = Box(State(answer: Answer(status: .ok, body: keys)))
        let router = Router()
        router.get("jwks.json") { _, _ in
            let (answer, isStalled) = state.withLock { state in
                state.requests += 1
                return (state.answer, state.isStalled)
            }
            guard isStalled else {
                return Response(status: answer.status, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
            }
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "{"))
                    try await gracefulShutdown()
                    try await writer.finish(nil)
                }
            )
        }
        return try await whileServing(router.buildResponder()) { port in
            try await body(KeyServer(port: port, state: state))
        }
    }
}
