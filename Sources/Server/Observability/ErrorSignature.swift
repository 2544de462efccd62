internal import Logging
internal import Postgres
internal import Primitives
internal import Redis
internal import Secrets

/// What makes two errors the same to those who look for their cause.
///
/// All of it stands in the source, so there are only so many: nothing of a request is in it.
struct ErrorSignature: Hashable, Sendable {
    /// Such as `internal_error`; of an error that is no fault, its type.
    let code: String
    /// Where the fault was made, or where another error was logged: `Tenancy/TenancyError.swift:50`.
    let place: String
    /// What it came of, such as `postgres: server 42P01 in SelectAgents`; nil where something is unavailable, which is one
    /// thing whoever asks for it.
    let cause: String?

    /// Stands for all errors after the first hundreds of different ones.
    static let other = ErrorSignature(code: "other", place: "other", cause: nil)

    private init(code: String, place: String, cause: String?) {
        self.code = code
        self.place = place
        self.cause = cause
    }

    /// - Returns: nil where the event is no failure of ours: it has no error, or one that only its caller can mend.
    init?(_ event: LogEvent) {
        guard let error = event.error, event.level >= .warning else { return nil }
        guard let fault = error as? Fault else {
            self.init(
                code: "\(type(of: error))",
                place: "\(event.file):\(event.line)",
                cause: Self.origin(of: error)
            )
            return
        }
        guard fault.code.kind.isFailure else { return nil }
        self.init(
            code: fault.code.rawValue,
            place: "\(fault.file):\(fault.line)",
            cause: fault.code.kind == .internalFailure ? fault.cause.map(Self.origin) : nil
        )
    }

    /// 12 hexadecimal digits; the same in every process of a build.
    var fingerprint: String {
        SHA256.digest(Array([code, place, cause ?? ""].joined(separator: "\n").utf8)).prefix(6).hexadecimal
    }

    /// The description where we know that it has nothing of a request in it, else the type.
    private static func origin(of error: any Error) -> String {
        switch error {
        case let error as PostgresError: error.description
        case let error as RedisError: error.description
        case let error as Fault: error.description
        default: "\(type(of: error))"
        }
    }
}
