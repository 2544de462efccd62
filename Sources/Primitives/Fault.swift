/// Something that went wrong and that a caller can be told about, whatever module it comes from.
///
/// `code` is stable and never reused; `text` is for a person and says nothing private; `cause`, `file` and `line` are
/// for the log. API maps a fault to HTTP in one place, by the code's kind.
package struct Fault: Error, Sendable {
    package let code: Code
    package let text: LocalizedText
    /// What is wrong with which field, when the request is.
    package let problems: [FieldProblem]
    /// When trying again may help.
    package let retryAfter: Duration?
    package let cause: (any Error)?
    package let file: StaticString
    package let line: UInt

    package init(
        _ code: Code,
        _ text: LocalizedText,
        problems: [FieldProblem] = [],
        retryAfter: Duration? = nil,
        cause: (any Error)? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.code = code
        self.text = text
        self.problems = problems
        self.retryAfter = retryAfter
        self.cause = cause
        self.file = file
        self.line = line
    }

    /// A stable code with the kind of answer it gets; modules add theirs in `<Module>Error.swift`.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String
        package let kind: Kind

        package init(_ rawValue: String, _ kind: Kind) {
            self.rawValue = rawValue
            self.kind = kind
        }

        package var description: String { rawValue }
    }

    /// What kind of fault it is; decides the HTTP status.
    package enum Kind: Sendable, CaseIterable {
        case malformed, unauthenticated, forbidden, notFound, methodNotAllowed, timedOut, conflict, tooLarge
        case unsupportedMediaType, invalid, limited, headersTooLarge, internalFailure, badGateway, unavailable
    }

    /// Whether the same request may succeed later without anybody's help.
    package var isRetryable: Bool {
        code.kind == .limited || code.kind == .unavailable
    }
}

extension Fault: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { code.rawValue }

    package var debugDescription: String {
        let cause = cause.map { " cause: \(String(reflecting: $0))" } ?? ""
        return "\(code) at \(file):\(line)\(cause)"
    }
}

/// One thing wrong with one field of a request.
package struct FieldProblem: Hashable, Sendable {
    /// Where: `messages[0].content`; empty for the whole body.
    package let field: String
    package let message: LocalizedText
    /// What was sent, cut to a readable length; nil where it is missing or secret.
    package let value: String?

    package init(field: String, message: LocalizedText, value: String? = nil) {
        self.field = field
        self.message = message
        self.value = value
    }
}

extension Fault.Code {
    package static let internalFailure = Fault.Code("internal_error", .internalFailure)
    package static let validation = Fault.Code("validation_error", .invalid)
}

extension LocalizedText {
    package static let internalFailure = LocalizedText(
        pt: "Ocorreu um erro interno. Tente novamente.",
        en: "An internal error occurred. Please try again."
    )
}
