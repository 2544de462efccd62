internal import AsyncHTTPClient
internal import NIOHTTP1
internal import Primitives

/// What a response's headers say about trying again.
struct RetryAdvice: Hashable {
    /// How long to wait: `retry-after-ms`, else `retry-after` in seconds or as a date; at most a day.
    let delay: Duration?
    /// `x-should-retry`, which wins over the status.
    let shouldRetry: Bool?

    init(_ headers: HTTPHeaders, now: Timestamp) {
        let seconds =
            headers.first(name: "retry-after-ms").flatMap(Double.init).map { $0 / 1000 }
            ?? headers.first(name: "retry-after").flatMap { text in
                Double(text) ?? Timestamp.fromHTTPDate(text).map { Double(($0 - now).milliseconds) / 1000 }
            }
        // Bounded, since a number from outside may not fit into a Duration.
        delay = seconds.flatMap { $0.isNaN ? nil : .milliseconds(min(max($0, 0), 86_400) * 1000) }
        shouldRetry = headers.first(name: "x-should-retry").flatMap { Bool($0) }
    }
}
