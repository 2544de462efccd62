internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Primitives

/// A failed attempt: what to tell, and whether another one can do no harm (see `RetryPolicy`).
struct FailedAttempt: Error {
    let fault: Fault
    let mayRetry: Bool
}

/// OpenAI's error object, the same in bodies and in streams: `{message, type, param, code}`.
struct OpenAIError: Hashable {
    let type: String?
    let code: String?
    let message: String?

    init(_ json: JSON?) {
        type = json?["type"]?.string
        code = json?["code"]?.string
        message = json?["message"]?.string
    }

    /// The codes whose meaning does not depend on a status.
    private var faultCode: Fault.Code? {
        for reason in [code, type] {
            switch reason {
            case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active": return .providerQuotaExceeded
            case "invalid_api_key", "authentication_error": return .providerUnauthorized
            case "rate_limit_exceeded", "rate_limit_error", "tokens", "requests": return .providerRateLimited
            case "server_is_overloaded", "overloaded_error", "slow_down": return .providerOverloaded
            case "context_length_exceeded": return .providerContextExceeded
            case "server_error": return .providerUnavailable
            case "invalid_prompt", "invalid_request_error": return .providerRejected
            default: continue
            }
        }
        return nil
    }

    /// An error within a stream.
    ///
    /// What is unknown there counts as the provider's own trouble, not as the request's: it was accepted.
    func streamFailure(requestID: String?) -> FailedAttempt {
        let code = faultCode ?? .providerUnavailable
        let fault = Fault.provider(code, cause: failure(status: nil, requestID: requestID, faultCode: code))
        return FailedAttempt(fault: fault, mayRetry: fault.isRetryable)
    }

    /// An error instead of a stream.
    func responseFailure(_ head: HTTPClientResponse, now: Timestamp) -> FailedAttempt {
        let status = Int(head.status.code)
        let advice = RetryAdvice(head.headers, now: now)
        let code: Fault.Code =
            switch status {
            case 401, 403: .providerUnauthorized
            case 429: faultCode == .providerQuotaExceeded ? .providerQuotaExceeded : .providerRateLimited
            case 503, 529: .providerOverloaded
            case 408, 409, 500...: .providerUnavailable
            default: faultCode == .providerContextExceeded ? .providerContextExceeded : .providerRejected
            }
        let cause = failure(
            status: status,
            requestID: head.headers.first(name: "x-request-id"),
            faultCode: code
        )
        let fault = Fault.provider(code, retryAfter: advice.delay, cause: cause)
        return FailedAttempt(fault: fault, mayRetry: advice.shouldRetry ?? fault.isRetryable)
    }

    private func failure(status: Int?, requestID: String?, faultCode: Fault.Code) -> ProviderFailure {
        ProviderFailure(
            provider: .openAI,
            status: status,
            reason: code ?? type,
            message: faultCode == .providerUnauthorized ? nil : message.map { String($0.prefix(500)) },
            requestID: requestID
        )
    }
}

extension FailedAttempt {
    func hiding(_ secret: Redacted<String>) -> FailedAttempt {
        guard let failure = fault.cause as? ProviderFailure else { return self }
        let hidden = Fault.provider(fault.code, retryAfter: fault.retryAfter, cause: failure.hiding(secret))
        return FailedAttempt(fault: hidden, mayRetry: mayRetry)
    }

    /// No response came; harmless to repeat is only what failed before the request could leave.
    init(connecting error: any Error) {
        let unsent =
            switch error {
            // Of a host by its name the client tells the first, of an address the second.
            case is NIOConnectionError: true
            case let error as IOError: error.errnoCode == ECONNREFUSED
            case let error as HTTPClientError:
                [.connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout].contains(error)
            default: false
            }
        self.init(fault: .provider(.providerUnavailable, cause: error), mayRetry: unsent)
    }
}
