@testable internal import Auth
internal import Secrets
internal import Testing

@Suite("When keys are fetched") struct JWKSStateTests {
    private let start = ContinuousClock.now
    private let keys = ["a": TokenFixture.publicKey]

    private func loaded() -> JWKSState {
        var state = JWKSState()
        _ = state.lookUp("a", at: start)
        state.fetched(keys, at: start)
        return state
    }

    @Test("The first token has the keys fetched; those that come meanwhile wait for the same fetch")
    func first() {
        var state = JWKSState()
        #expect(state.lookUp("a", at: start).name == "fetch")
        #expect(state.lookUp("a", at: start).name == "awaitFetch")
        #expect(state.lookUp("b", at: start).name == "awaitFetch")
        state.fetched(keys, at: start)
        #expect(state.settle("a", at: start).name == "use")
        #expect(state.settle("b", at: start).name == "refuse")
    }

    @Test("An unknown id is looked for once a cooldown, and one known as unknown not before the next refresh")
    func unknown() {
        var state = loaded()
        #expect(state.lookUp("x", at: start + .seconds(29)).name == "refuse")
        #expect(state.lookUp("x", at: start + .seconds(30)).name == "fetch")
        state.fetched(keys, at: start + .seconds(31))
        #expect(state.settle("x", at: start + .seconds(31)).name == "refuse")
        #expect(state.lookUp("x", at: start + .seconds(61)).name == "refuse")
        #expect(state.lookUp("y", at: start + .seconds(61)).name == "fetch")
        state.fetched(keys, at: start + .seconds(62))
        #expect(state.lookUp("x", at: start + .seconds(631)).name == "fetch")
    }

    @Test("An id that was unknown is known as soon as a set has it")
    func becomesKnown() {
        var state = loaded()
        _ = state.lookUp("b", at: start + .seconds(30))
        state.fetched(keys, at: start + .seconds(30))
        _ = state.settle("b", at: start + .seconds(30))
        _ = state.lookUp("c", at: start + .seconds(60))
        state.fetched(["b": TokenFixture.publicKey], at: start + .seconds(60))
        #expect(state.lookUp("b", at: start + .seconds(60)).name == "use")
        #expect(state.lookUp("a", at: start + .seconds(60)).name == "refuse")
    }

    @Test("Keys are refreshed in the background after ten minutes, once at a time")
    func refresh() {
        var state = loaded()
        #expect(state.lookUp("a", at: start + .seconds(599)).name == "use")
        #expect(state.lookUp("a", at: start + .seconds(600)).name == "useAndFetch")
        #expect(state.lookUp("a", at: start + .seconds(600)).name == "use")
        state.failed()
        #expect(state.lookUp("a", at: start + .seconds(629)).name == "use")
        #expect(state.lookUp("a", at: start + .seconds(630)).name == "useAndFetch")
        state.fetched(keys, at: start + .seconds(631))
        #expect(state.lookUp("a", at: start + .seconds(1230)).name == "use")
    }

    @Test("Keys that cannot be fetched again work for a day, and then no more")
    func stale() {
        var state = loaded()
        let day = Duration.seconds(24 * 60 * 60)
        for minute in stride(from: 10, to: 24 * 60, by: 1) {
            let now = start + .seconds(minute * 60)
            #expect(state.lookUp("a", at: now).name == "useAndFetch")
            state.failed()
        }
        #expect(state.lookUp("a", at: start + day).name == "fetch")
        state.failed()
        #expect(state.settle("a", at: start + day + .seconds(10)).retryAfter == .seconds(20))
        #expect(state.lookUp("x", at: start + day + .seconds(10)).retryAfter == .seconds(20))
        #expect(state.lookUp("a", at: start + day + .seconds(30)).name == "fetch")
        state.fetched(keys, at: start + day + .seconds(31))
        #expect(state.settle("a", at: start + day + .seconds(31)).name == "use")
    }

    @Test("Without any key the answer is that there is none, not that the token is bad")
    func neverFetched() {
        var state = JWKSState()
        _ = state.lookUp("a", at: start)
        state.failed()
        #expect(state.settle("a", at: start + .seconds(1)).retryAfter == .seconds(29))
        #expect(state.lookUp("a", at: start + .seconds(30)).name == "fetch")
    }

    @Test("A fetch that failed makes no id known as unknown")
    func failureSaysNothing() {
        var state = JWKSState()
        _ = state.lookUp("a", at: start)
        state.fetched(keys, at: start + .seconds(4))
        #expect(state.lookUp("b", at: start + .seconds(30)).name == "fetch")
        state.failed()
        #expect(state.settle("b", at: start + .seconds(31)).name == "refuse")
        #expect(state.lookUp("b", at: start + .seconds(60)).name == "fetch")
    }

    @Test("The memory for unknown ids is bounded")
    func bounded() {
        var state = loaded()
        for number in 0..<10_000 {
            let now = start + .seconds(30 + number % 2)
            if state.lookUp("x\(number)", at: now).name == "fetch" { state.fetched(keys, at: now) }
            _ = state.settle("x\(number)", at: now)
        }
        #expect(state.unknownIDCount == JWKSState.maximumUnknownIDs)
        _ = state.settle(String(repeating: "k", count: 300), at: start + .seconds(31))
        #expect(state.unknownIDCount == JWKSState.maximumUnknownIDs)
    }
}

extension JWKSState.Step {
    fileprivate var name: String {
        switch self {
        case .use: "use"
        case .useAndFetch: "useAndFetch"
        case .fetch: "fetch"
        case .awaitFetch: "awaitFetch"
        case .refuse: "refuse"
        case .unavailable: "unavailable"
        }
    }

    fileprivate var retryAfter: Duration? {
        if case .unavailable(let retryAfter) = self { retryAfter } else { nil }
    }
}
