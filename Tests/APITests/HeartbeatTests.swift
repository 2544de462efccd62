import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import API

@Suite("The heartbeat of an event stream")
struct HeartbeatTests {
    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel

    init() throws {
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(Heartbeat(every: .seconds(10), on: loop), name: "heartbeat")
    }

    private func sent() throws -> [String] {
        var texts: [String] = []
        while let part = try channel.readOutbound(as: HTTPResponsePart.self) {
            if case .body(let buffer) = part { texts.append(String(buffer: buffer)) }
        }
        return texts
    }

    @Test("is a comment every interval")
    func beats() throws {
        loop.advanceTime(by: .seconds(9))
        #expect(try sent() == [])
        loop.advanceTime(by: .seconds(1))
        #expect(try sent() == [": ping\n\n"])
        loop.advanceTime(by: .seconds(20))
        #expect(try sent() == [": ping\n\n", ": ping\n\n"])
    }

    @Test("ends with its handler: nothing may follow the end of an answer")
    func ends() throws {
        loop.advanceTime(by: .seconds(10))
        #expect(try sent().count == 1)
        channel.pipeline.removeHandler(name: "heartbeat", promise: nil)
        loop.advanceTime(by: .seconds(60))
        #expect(try sent() == [])
    }

    @Test("waits while the client takes nothing")
    func blocked() throws {
        channel.isWritable = false
        loop.advanceTime(by: .seconds(30))
        #expect(try sent() == [])
        channel.isWritable = true
        loop.advanceTime(by: .seconds(10))
        #expect(try sent().count == 1)
    }
}
