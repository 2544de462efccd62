internal import Primitives
internal import Tenancy
internal import Testing

@testable internal import Agents

@Suite("The runs of a process")
struct RunRegistryTests {
    private let tenantID = TenantID.next()
    private let start = ContinuousClock.now
    private static let asker = Principal.person(
        .init(userID: "user_1", sessionID: nil, role: .member, permissions: [])
    )

    private func key(_ tenantID: TenantID) -> (RunRegistry.Key, RunJournal) {
        let identity = RunIdentity(tenantID: tenantID, runID: .next(), conversationID: .next(), messageID: .next())
        return (RunRegistry.Key(tenantID: tenantID, runID: identity.runID), RunJournal(identity))
    }

    private func refusal(_ registry: inout RunRegistry, _ tenantID: TenantID) -> Fault.Code? {
        let (key, journal) = key(tenantID)
        do {
            try registry.reserve(key, journal, for: Self.asker)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("are bounded, for all and for each tenant, and places come back")
    func limits() throws {
        var configuration = RunConfiguration()
        configuration.maximumRuns = 3
        configuration.maximumRunsOfTenant = 2
        var registry = RunRegistry(configuration)
        let (first, journal) = key(tenantID)
        try registry.reserve(first, journal, for: Self.asker)
        #expect(refusal(&registry, tenantID) == nil)
        #expect(refusal(&registry, tenantID) == .serverBusy)
        #expect(refusal(&registry, .next()) == nil)
        #expect(refusal(&registry, .next()) == .serverBusy)
        registry.end(first, now: start)
        registry.abandon(first)
        #expect(refusal(&registry, tenantID) == nil)
        #expect(refusal(&registry, tenantID) == .serverBusy)
        registry.drain()
        #expect(refusal(&registry, .next()) == .draining)
    }

    @Test("are found by their tenant only, and for ten minutes after their end")
    func retention() throws {
        var registry = RunRegistry(RunConfiguration())
        let (key, journal) = key(tenantID)
        try registry.reserve(key, journal, for: Self.asker)
        #expect(registry.journal(key) === journal)
        #expect(registry.journal(RunRegistry.Key(tenantID: .next(), runID: key.runID)) == nil)
        registry.end(key, now: start)
        registry.forgetEnded(now: start + .seconds(599))
        #expect(registry.journal(key) === journal)
        registry.forgetEnded(now: start + .seconds(600))
        #expect(registry.journal(key) == nil)
        #expect(registry.endedSize == 0)
    }

    @Test("are forgotten early, the oldest first, where all together are too large")
    func memory() throws {
        var configuration = RunConfiguration()
        configuration.maximumRetainedSize = 10_000
        var registry = RunRegistry(configuration)
        let runs = (0..<4).map { _ in key(tenantID) }
        for (key, journal) in runs {
            try registry.reserve(key, journal, for: Self.asker)
            journal.append(.answer(String(repeating: "a", count: 4000)), at: Timestamp(secondsSinceEpoch: 0))
            registry.end(key, now: start)
        }
        #expect(runs.map { registry.journal($0.0) != nil } == [false, false, true, true])
        #expect(registry.endedSize <= 10_000)
    }

    @Test("are stopped for the first reason given, also where it came before their task")
    func stopping() throws {
        var registry = RunRegistry(RunConfiguration())
        let (key, journal) = key(tenantID)
        try registry.reserve(key, journal, for: Self.asker)
        #expect(registry.stop(key, .requested) == nil)
        #expect(registry.begin(key) {})
        #expect(registry.stop(key, .shutdown) == nil)
        #expect(registry.stopReason(key) == .requested)
    }
}
