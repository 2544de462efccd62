/// Something that went wrong and that a caller can be told about, whatever module it comes from.
///
/// `code` is stable and never reused; `text` is for a person and says nothing private; `cause`, `file` and `line` are
/// for the log. API maps a fault to HTTP in one place, by the code's kind.
public struct Fault: Error, Sendable {
    public let code: Code
    public let text: LocalizedText
    /// What is wrong with which field, when the request is.
    public let problems: [FieldProblem]
    /// When trying again may help.
    public let retryAfter: Duration?
    public let cause: (any Error)?
    public let file: StaticString
    public let line: UInt

    public init(
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
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public let kind: Kind

        public init(_ rawValue: String, _ kind: Kind) {
            self.rawValue = rawValue
            self.kind = kind
        }

        public var description: String { rawValue }
    }

    /// What kind of fault it is; decides the HTTP status.
    public enum Kind: Sendable, CaseIterable {
        case malformed, unauthenticated, forbidden, notFound, methodNotAllowed, timedOut, conflict, tooLarge
        case unsupportedMediaType, invalid, limited, headersTooLarge, internalFailure, badGateway, unavailable
    }

    /// Whether the same request may succeed later without anybody's help.
    public var isRetryable: Bool {
        code.kind == .limited || code.kind == .unavailable
    }
}

extension Fault: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { code.rawValue }

    public var debugDescription: String {
        let cause = cause.map { " cause: \(String(reflecting: $0))" } ?? ""
        return "\(code) at \(file):\(line)\(cause)"
    }
}

/// One thing wrong with one field of a request.
public struct FieldProblem: Hashable, Sendable {
    /// Where: `messages[0].content`; empty for the whole body.
    public let field: String
    public let message: LocalizedText
    /// What was sent, cut to a readable length; nil where it is missing or secret.
    public let value: String?

    public init(field: String, message: LocalizedText, value: String? = nil) {
        self.field = field
        self.message = message
        self.value = value
    }
}

extension Fault.Code {
    public static let internalFailure = Fault.Code("internal_error", .internalFailure)
    public static let validation = Fault.Code("validation_error", .invalid)
    /// The process is about to end.
    public static let draining = Fault.Code("draining", .unavailable)
}

extension Fault.Kind {
    /// Something broke, here or in what we stand on.
    public var isFailure: Bool {
        switch self {
        case .internalFailure, .unavailable, .badGateway: true
        default: false
        }
    }
}

extension Fault {
    /// - Parameter problems: all that is wrong with a request.
    public static func validation(_ problems: [FieldProblem]) -> Fault {
        Fault(
            .validation,
            LocalizedText(pt: "A requisição tem campos inválidos.", en: "The request has invalid fields."),
            problems: problems
        )
    }

    /// The one thing that is wrong, which is also what is told of the whole.
    public static func validation(
        _ field: String,
        _ text: LocalizedText,
        value: String? = nil,
        cause: (any Error)? = nil
    ) -> Fault {
        let problem = FieldProblem(field: field, message: text, value: value)
        return Fault(.validation, text, problems: [problem], cause: cause)
    }

    public static let draining = Fault(
        .draining,
        LocalizedText(pt: "O servidor está reiniciando.", en: "The server is restarting."),
        retryAfter: .seconds(2)
    )
}

extension LocalizedText {
    public static let internalFailure = LocalizedText(
        pt: "Ocorreu um erro interno. Tente novamente.",
        en: "An internal error occurred. Please try again."
    )
}
