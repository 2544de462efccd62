/// Why a call has no response.
///
/// `description` holds no address, header or body; `cause` is for the log.
public struct OutboundError: Error, Sendable {
    public let code: Code
    /// How far the call came.
    public let phase: CallPhase
    /// Whether a byte of the request may have reached the receiver.
    ///
    /// Where it did not, sending again cannot be a second delivery.
    public let mayHaveArrived: Bool
    public let cause: (any Error)?

    init(_ code: Code, phase: CallPhase, cause: (any Error)? = nil) {
        self.code = code
        self.phase = phase
        self.mayHaveArrived = phase >= .sending
        self.cause = cause
    }

    /// An open set over a closed one, so that a new code breaks no `switch` elsewhere.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case invalidTarget, invalidRequest, nameNotFound, resolverUnavailable, addressBlocked, connectFailed
            case tlsFailed, timedOut, responseTooLarge, brokenResponse, tooManyCalls, cancelled
        }

        private let base: Base

        /// The URL cannot be called; the cause is a `Fault` that says why.
        public static let invalidTarget = Self(base: .invalidTarget)
        /// A header cannot be sent.
        public static let invalidRequest = Self(base: .invalidRequest)
        /// The name does not exist, or has no address.
        public static let nameNotFound = Self(base: .nameNotFound)
        /// No name server answered; trying again may help.
        public static let resolverUnavailable = Self(base: .resolverUnavailable)
        /// An address of the host's is not a public one; nothing was sent to any.
        public static let addressBlocked = Self(base: .addressBlocked)
        /// No address that was tried took a connection.
        public static let connectFailed = Self(base: .connectFailed)
        /// No agreement on TLS, or a certificate that is not the host's.
        public static let tlsFailed = Self(base: .tlsFailed)
        /// The deadline passed; `phase` says where.
        public static let timedOut = Self(base: .timedOut)
        /// The response's headers alone are beyond the cap.
        public static let responseTooLarge = Self(base: .responseTooLarge)
        /// The connection ended before the response, or what came is not HTTP.
        public static let brokenResponse = Self(base: .brokenResponse)
        /// Too many calls, to this host or at all, wait already.
        public static let tooManyCalls = Self(base: .tooManyCalls)
        /// The task was cancelled.
        public static let cancelled = Self(base: .cancelled)

        public var description: String { base.rawValue }
    }
}

extension OutboundError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { "outbound: \(code) while \(phase)" }

    public var debugDescription: String {
        description + (cause.map { ", cause: \(String(reflecting: $0))" } ?? "")
    }
}
