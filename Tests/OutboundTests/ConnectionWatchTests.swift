internal import NIOCore
internal import NIOPosix
internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("The watch over a connection", .timeLimit(.minutes(1)))
struct ConnectionWatchTests {
    @Test("lets no request onto a connection to another address than the checked one, and closes it")
    func peer() async throws {
        let closed = Signal()
        try await LocalServer.run { connection in
            await connection.waitForClose()
            closed.send()
        } while: { server in
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: server.address, port: server.port)
                .get()
            let checked = try #require(IPAddress("127.0.0.2"))
            let installed = channel.eventLoop.flatSubmit {
                ConnectionWatch.install(
                    on: channel,
                    expecting: checked,
                    certifiedFor: nil,
                    byteCap: 1,
                    progress: CallProgress { _ in }
                )
            }
            await #expect(throws: ConnectionWatch.WrongPeer.self) { try await installed.get() }
            await closed.wait()
        }
    }
}
