public import Primitives

/// Why a command has no reply, or a configuration was refused.
///
/// Its descriptions say what kind it is, never an address, a password or a command's arguments; `cause` is for the
/// debugger.
public struct RedisError: Error, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Not `redis://` or `rediss://` with host, port and at most a database's number.
        case malformedURL
        /// The certificates to trust cannot be read.
        case malformedCertificates
        /// There is no connection: the command was not sent. Fall back.
        case unavailable
        /// The connection closed under the command: it may have run or not.
        case connectionLost
        /// No reply in time: the command may have run, or may still run.
        case timedOut
        /// Too many commands wait for their reply: this one was not sent. Fall back.
        case overloaded
        /// The client is shutting down: the command was not sent.
        case shutDown
        /// Above 64 MiB: not sent.
        case commandTooLarge
        /// Redis answered with an error, whose first word this is (`WRONGTYPE`, `NOSCRIPT`, `OOM`).
        case refused(code: String)
        /// A reply of another type than the command has.
        case unexpectedReply
        /// What came is not the Redis protocol.
        case protocolViolation
    }

    public let kind: Kind
    /// Redis's own words, which may repeat arguments.
    public let message: Redacted<String>?
    public let cause: (any Error)?

    public init(_ kind: Kind, message: String? = nil, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message.map { Redacted($0) }
        self.cause = cause
    }

    /// From the text of an error reply.
    init(reply: String) {
        let code = reply.prefix { $0 != " " }
        self.init(.refused(code: String(code)), message: reply)
    }
}

extension RedisError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        if case .refused(let code) = kind { "redis: refused (\(code))" } else { "redis: \(kind)" }
    }

    public var debugDescription: String {
        description + (cause.map { " cause: \(type(of: $0))" } ?? "")
    }
}
