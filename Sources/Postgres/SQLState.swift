/// Five characters by which the server says what went wrong; the first two are its class (Postgres, appendix A).
package struct SQLState: Hashable, Sendable, CustomStringConvertible {
    package let code: String

    package init(_ code: String) {
        self.code = code
    }

    package var `class`: String { String(code.prefix(2)) }
    package var description: String { code }

    package static let featureNotSupported = Self("0A000")
    package static let characterNotInRepertoire = Self("22021")
    package static let numericValueOutOfRange = Self("22003")
    package static let untranslatableCharacter = Self("22P05")
    package static let notNullViolation = Self("23502")
    package static let foreignKeyViolation = Self("23503")
    package static let uniqueViolation = Self("23505")
    package static let checkViolation = Self("23514")
    package static let exclusionViolation = Self("23P01")
    package static let invalidTransactionState = Self("25000")
    package static let readOnlyTransaction = Self("25006")
    package static let transactionAborted = Self("25P02")
    package static let idleInTransactionTimeout = Self("25P03")
    package static let preparedStatementMissing = Self("26000")
    package static let invalidPassword = Self("28P01")
    package static let serializationFailure = Self("40001")
    package static let completionUnknown = Self("40003")
    package static let deadlockDetected = Self("40P01")
    package static let insufficientPrivilege = Self("42501")
    package static let undefinedTable = Self("42P01")
    package static let duplicateObject = Self("42710")
    package static let duplicateDatabase = Self("42P04")
    package static let objectInUse = Self("55006")
    package static let lockNotAvailable = Self("55P03")
    package static let queryCanceled = Self("57014")
    package static let adminShutdown = Self("57P01")
    package static let cannotConnectNow = Self("57P03")
    package static let internalError = Self("XX000")
}
