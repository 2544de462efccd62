internal import NIOHTTP1
internal import Primitives
internal import Testing
@testable internal import LanguageModels

@Suite("Trying again")
struct RetryTests {
    @Test("pauses double, are cut by at most a quarter, and never pass the limit")
    func pauses() {
        let policy = RetryPolicy(maximumAttempts: 9, baseDelay: .seconds(1), maximumDelay: .seconds(5))
        let longest = (1...4).map { policy.delay(afterAttempt: $0, requested: nil, jitter: 0) }
        #expect(longest == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
        #expect(policy.delay(afterAttempt: 2, requested: nil, jitter: 1) == .milliseconds(1500))
    }

    @Test("the provider's wish is obeyed up to the limit, and beyond it there is no further attempt")
    func wishes() {
        let policy = RetryPolicy(maximumAttempts: 2, maximumDelay: .seconds(5))
        #expect(policy.delay(afterAttempt: 1, requested: .zero, jitter: 0) == .zero)
        #expect(policy.delay(afterAttempt: 1, requested: .seconds(5), jitter: 0.9) == .seconds(5))
        #expect(policy.delay(afterAttempt: 1, requested: .seconds(6), jitter: 0) == nil)
        #expect(policy.delay(afterAttempt: 2, requested: .zero, jitter: 0) == nil)
    }

    @Test(
        "reads what headers say, and nothing from what they should not",
        arguments: [
            ("retry-after", "3", Duration.seconds(3)), ("Retry-After", "1.5", .milliseconds(1500)),
            ("retry-after-ms", "250", .milliseconds(250)),
            ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", .seconds(7)),
            ("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT", .zero), ("retry-after", "-3", .zero),
            ("retry-after", "soon", nil), ("retry-after", "Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("retry-after", "nan", nil),
            ("retry-after", "1e300", .seconds(86_400)), ("x-other", "3", nil),
        ]
    )
    func advice(name: String, value: String, delay: Duration?) {
        let now = Timestamp(secondsSinceEpoch: 784_111_770)
        #expect(RetryAdvice([name: value], now: now).delay == delay)
    }

    @Test("x-should-retry is a yes, a no, or nothing")
    func shouldRetry() {
        let now = Timestamp(secondsSinceEpoch: 0)
        #expect(RetryAdvice(["x-should-retry": "true"], now: now).shouldRetry == true)
        #expect(RetryAdvice(["x-should-retry": "false"], now: now).shouldRetry == false)
        #expect(RetryAdvice(["x-should-retry": "maybe"], now: now).shouldRetry == nil)
        #expect(RetryAdvice([:], now: now).shouldRetry == nil)
    }

    @Test("only what may pass by itself is called retryable")
    func retryable() {
        let codes: [Fault.Code] = [
            .providerUnauthorized, .providerQuotaExceeded, .providerRejected, .providerContextExceeded,
            .providerRateLimited, .providerOverloaded, .providerUnavailable, .providerStreamTruncated,
            .providerStreamInvalid,
        ]
        let cause = ProviderFailure(provider: .openAI, status: nil, reason: nil, message: nil, requestID: nil)
        let retryable = codes.map { Fault.provider($0, cause: cause).isRetryable }
        #expect(retryable == [false, false, false, false, true, true, true, true, true])
        #expect(Set(codes.map { Fault.provider($0, cause: cause).text }).count == codes.count, "each has its own text")
    }
}
