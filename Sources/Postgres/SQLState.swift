/// Five characters by which the server says what went wrong; the first two are its class (Postgres, appendix A).
public struct SQLState: Hashable, Sendable, CustomStringConvertible {
    public let code: String

    public init(_ code: String) {
        self.code = code
    }

    public var `class`: String { String(code.prefix(2)) }
    public var description: String { code }

    public static let featureNotSupported = Self("0A000")
    public static let characterNotInRepertoire = Self("22021")
    public static let untranslatableCharacter = Self("22P05")
    public static let foreignKeyViolation = Self("23503")
    public static let uniqueViolation = Self("23505")
    public static let transactionAborted = Self("25P02")
    public static let idleInTransactionTimeout = Self("25P03")
    public static let preparedStatementMissing = Self("26000")
    public static let serializationFailure = Self("40001")
    public static let completionUnknown = Self("40003")
    public static let deadlockDetected = Self("40P01")
    public static let insufficientPrivilege = Self("42501")
    public static let undefinedTable = Self("42P01")
    public static let duplicateObject = Self("42710")
    public static let lockNotAvailable = Self("55P03")
    public static let queryCanceled = Self("57014")
    public static let adminShutdown = Self("57P01")
    public static let internalError = Self("XX000")
}
