internal import AsyncHTTPClient
internal import NIOHTTP1
internal import NIOSSL
internal import Primitives

/// Thrown where an address of a host's is not a public one; says what it is for.
struct BlockedAddress: Error {
    let use: String
}

/// Thrown where a header cannot be sent; says which.
struct UnsendableHeader: Error {
    let name: String
}

extension OutboundError {
    /// The one place that says what a failure means.
    init(_ error: any Error, phase: CallPhase) {
        let code: Code =
            switch error {
            case let error as OutboundError: error.code
            case is DeadlinePassed: .timedOut
            case is CancellationError: .cancelled
            case is CallLimiter.Full: .tooManyCalls
            case let fault as Fault: fault.cause as? TargetProblem == .blockedAddress ? .addressBlocked : .invalidTarget
            case is UnsendableHeader: .invalidRequest
            case NameResolutionError.notFound: .nameNotFound
            case is BlockedAddress, is ConnectionWatch.WrongPeer: .addressBlocked
            // The parser takes 256 headers of 80 KiB at most, whatever the cap.
            case is ConnectionWatch.CapReached, HTTPParserError.headerOverflow as HTTPParserError: .responseTooLarge
            case is ConnectionWatch.WrongCertificate: .tlsFailed
            case HTTPClientError.deadlineExceeded as HTTPClientError: .timedOut
            default: Self.code(ofConnectionIn: phase, error)
            }
        self.init(code, phase: phase, cause: error)
    }

    private static func code(ofConnectionIn phase: CallPhase, _ error: any Error) -> Code {
        switch phase {
        case .checking: .invalidRequest
        case .waiting, .resolving: .resolverUnavailable
        case .connecting: isOfTLS(error) ? .tlsFailed : .connectFailed
        case .sending, .receiving: .brokenResponse
        }
    }

    private static func isOfTLS(_ error: any Error) -> Bool {
        switch error {
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: true
        // Before the request there is only the handshake for a connection to be closed in.
        case let error as HTTPClientError: [.tlsHandshakeTimeout, .remoteConnectionClosed].contains(error)
        default: false
        }
    }
}
