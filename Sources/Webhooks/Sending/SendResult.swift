internal import Outbound
internal import Primitives

/// What came of an attempt, and what it means.
struct SendResult: Sendable {
    /// Of the body so much is kept, and of the headers together.
    static let keptBody = 16 << 10
    static let keptHeaders = 8 << 10

    enum Answer: Sendable {
        case response(OutboundResponse)
        /// No response; why, by the client's name for it.
        case error(String)
    }

    let answer: Answer
    let duration: Duration
    /// How long the receiver asks to be left alone, from `Retry-After`.
    private let retryAfter: Duration?

    init(_ result: Result<OutboundResponse, OutboundError>, duration: Duration, now: Timestamp) {
        self.duration = duration
        switch result {
        case .success(let response):
            answer = .response(response)
            retryAfter = response.header("retry-after").flatMap { Self.delay($0, now: now) }
        case .failure(let error):
            answer = .error(error.code.snakeCased)
            retryAfter = nil
        }
    }

    var response: OutboundResponse? { if case .response(let response) = answer { response } else { nil } }

    var error: String? { if case .error(let error) = answer { error } else { nil } }

    /// 2xx and nothing else.
    var isSuccess: Bool { response?.isSuccess ?? false }

    /// The receiver wants nothing any more.
    var isGone: Bool { response?.status == 410 }

    /// The delivery is not sent again sooner than that.
    ///
    /// What asks for more than a week gets a week, or nothing would ever be tried again.
    var earliestRetry: Duration? {
        (retryAfter ?? (isOverloaded ? .seconds(60) : nil)).map { min($0, .seconds(7 * 86_400)) }
    }

    /// Nothing at all is sent to the endpoint for so long; at most an hour, since one answer speaks for all others.
    var rest: Duration? {
        guard isOverloaded || response?.status == 503 && retryAfter != nil else { return nil }
        return earliestRetry.map { min($0, .seconds(3600)) }
    }

    /// Answers that say: slow down.
    private var isOverloaded: Bool { response.map { [429, 502, 504].contains($0.status) } ?? false }

    /// The headers that are kept, as `[[name, value], …]`.
    var headers: JSONText? {
        response.map { response in
            var room = Self.keptHeaders
            let kept = response.headers.prefix { name, value in
                room -= name.utf8.count + value.utf8.count
                return room >= 0
            }
            // No `jsonb` holds U+0000, and no header either; but what came is whatever came.
            return JSONText(.array(kept.map { [.string($0.name), .string($0.value.replacing("\0", with: ""))] }))
        }
    }

    /// `Retry-After` in whole seconds, or as a date (RFC 9110, 10.2.3).
    private static func delay(_ text: String, now: Timestamp) -> Duration? {
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !text.isEmpty {
            // More digits than that are more than any bound.
            return .seconds(text.utf8.count <= 9 ? Int(text) ?? 0 : 999_999_999)
        }
        return Timestamp.fromHTTPDate(text).map { max($0 - now, .zero) }
    }
}

extension OutboundError.Code {
    /// `timedOut` as `timed_out`.
    fileprivate var snakeCased: String {
        description.reduce(into: "") { text, character in
            text += character.isUppercase ? "_" + character.lowercased() : String(character)
        }
    }
}
