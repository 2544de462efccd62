package import Hummingbird
internal import NIOCore

/// Answers HTTP on a free port of this machine while `body` runs.
///
/// It ends as servers end: cancelled, it would drop a connection that is just being accepted, and NIO ends the process for
/// that. A responder that is to give no answer waits for `gracefulShutdown()`.
package func whileServing<Result: Sendable>(
    _ responder: some HTTPResponder<BasicRequestContext>,
    _ body: @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        responder: responder,
        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
        logger: TestDatabase.logger
    )
    return try await whileRunning([application]) {
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        return try await body(port)
    }
}
