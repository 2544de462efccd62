internal import Testing

@testable internal import Tenancy

@Suite("The circuit breaker")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func open() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<3 { breaker.missed(at: start) }
        return breaker
    }

    @Test("A late answer now and then changes nothing")
    func single() {
        var breaker = CircuitBreaker()
        for _ in 0..<10 {
            breaker.missed(at: start)
            breaker.missed(at: start)
            breaker.answered()
        }
        let admits = breaker.admits(at: start)
        #expect(admits)
    }

    @Test("After three in a row nobody asks for a second, then one a second does")
    func probe() {
        var breaker = open()
        let before = [0, 999, 1000, 1001].map { breaker.admits(at: start + .milliseconds($0)) }
        #expect(before == [false, false, true, false])
        breaker.missed(at: start + .milliseconds(1250))
        let after = [2249, 2250, 2251].map { breaker.admits(at: start + .milliseconds($0)) }
        #expect(after == [false, true, false])
    }

    @Test("An answer to the one who asks lets everybody ask; a question that came to nothing does not block for ever")
    func recovery() {
        var breaker = open()
        let open = [1000, 1500, 2000, 2000].map { breaker.admits(at: start + .milliseconds($0)) }
        #expect(open == [true, false, true, false])
        breaker.answered()
        let closed = [2000, 2000].map { breaker.admits(at: start + .milliseconds($0)) }
        #expect(closed == [true, true])
    }
}
