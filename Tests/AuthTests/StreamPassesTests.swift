@testable internal import Auth
internal import Logging
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("A stream pass has one open connection", .database)
struct StreamPassesTests {
    @Test("at any time, with 100 tries at once on two servers; the newest has it in the end", .timeLimit(.minutes(2)))
    func concurrentTries() async throws {
        let bench = try await TicketBench()
        let pass = try await bench.service.verify(bench.create().text, isResumption: false)
        let openings = Openings()
        try await withServers(2, bench) { servers in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await openings.open(pass, at: servers[number % 2]) }
                }
                try await until { openings.over == 99 && openings.open == 1 }
                #expect(openings.most == 1)
                let claimant = try await bench.claimant()
                #expect(claimant != nil && openings.openID == claimant)
                group.cancelAll()
            }
        }
    }

    @Test("The newer wins, on the same server and on another, and the older is told why", arguments: [0, 1])
    func newerWins(at other: Int) async throws {
        let bench = try await TicketBench()
        let pass = try await bench.service.verify(bench.create().text, isResumption: false)
        try await withServers(2, bench) { servers in
            let (closed, close) = AsyncStream.makeStream(of: Void.self)
            var older: PassConnection? = try await servers[0].open(pass) { close.finish() }
            async let newer = servers[other].open(pass) {}
            for await _ in closed {}
            #expect(older?.isTakenOver == true)
            // Told to close is not closed: until it is, the newer one stays outside, however often it looks.
            let end = ContinuousClock.now + .milliseconds(400)
            while ContinuousClock.now < end { #expect(try await bench.connection() == older?.id) }
            older = nil
            let open = try await newer
            #expect(!open.isTakenOver)
            #expect(try await bench.connection() == open.id)
        }
    }

    @Test("One that ended leaves its place: the next waits for nothing")
    func ended() async throws {
        let bench = try await TicketBench()
        let pass = try await bench.service.verify(bench.create().text, isResumption: false)
        try await withServers(1, bench) { servers in
            _ = try await servers[0].open(pass) { Issue.record("nobody else wants it") }
            try await until { try await bench.connection() == nil }
            _ = try await servers[0].open(pass) { Issue.record("nobody else wants it") }
        }
    }

    @Test("A server that was lost with a connection keeps the next one waiting for a while, and no longer")
    func lostServer() async throws {
        let bench = try await TicketBench()
        let pass = try await bench.service.verify(bench.create().text, isResumption: false)
        // Nothing tells it to close, and nothing lets go of its row.
        let lost = try await bench.passes.open(pass) { Issue.record("it hears nothing") }
        try await withServers(1, bench, patience: .milliseconds(300)) { servers in
            let next = try await servers[0].open(pass) {}
            #expect(try await bench.connection() == next.id)
        }
        #expect(!lost.isTakenOver)
    }

    /// Runs as many of what each server has, told of revocations.
    private func withServers(
        _ count: Int,
        _ bench: TicketBench,
        // Where nobody is lost, it must not come to that.
        patience: Duration = .seconds(100),
        _ body: ([StreamPasses]) async throws -> Void
    ) async throws {
        let worker = try TestDatabase.current.worker
        let servers = (0..<count).map { _ in
            StreamPasses(database: bench.database, patience: patience, logger: TokenFixture.logger)
        }
        let feeds = servers.map {
            RevocationFeed(
                worker: worker,
                interval: .milliseconds(50),
                logger: TokenFixture.logger,
                listeners: [$0.close]
            )
        }
        try await whileRunning(servers + feeds, logger: TokenFixture.logger) { try await body(servers) }
    }
}

/// Counts connections: how many are open, and how many were at most.
private final class Openings: Sendable {
    private struct State {
        var open: [ConnectionID] = []
        var most = 0
        var over = 0
    }

    private let state = Mutex(State())

    var open: Int { state.withLock(\.open.count) }
    var openID: ConnectionID? { state.withLock(\.open.first) }
    var most: Int { state.withLock(\.most) }
    var over: Int { state.withLock(\.over) }

    /// Opens one, and keeps it until it is told to close.
    func open(_ pass: StreamPass, at server: StreamPasses) async throws {
        let (closed, close) = AsyncStream.makeStream(of: Void.self)
        let connection: PassConnection
        do {
            connection = try await server.open(pass) { close.finish() }
        } catch let fault as Fault where fault.code == .streamTakenOver {
            return state.withLock { $0.over += 1 }
        } catch let fault as Fault where fault.code == .databaseUnavailable {
            // A hundred at three connections: a starved machine lets some wait too long.
            return try await open(pass, at: server)
        }
        state.withLock { state in
            state.open.append(connection.id)
            state.most = max(state.most, state.open.count)
        }
        for await _ in closed {}
        // Counted as closed before its place is given away.
        withExtendedLifetime(connection) {
            state.withLock { state in
                state.open.removeAll { $0 == connection.id }
                state.over += 1
            }
        }
    }
}
