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
                Double(text) ?? Timestamp(httpDate: text).map { Double(($0 - now).milliseconds) / 1000 }
            }
        // Bounded, since a number from outside may not fit into a Duration.
        delay = seconds.flatMap { $0.isNaN ? nil : .milliseconds(min(max($0, 0), 86_400) * 1000) }
        shouldRetry = headers.first(name: "x-should-retry").flatMap { Bool($0) }
    }
}

extension Timestamp {
    /// Reads an IMF-fixdate (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = Self.months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
