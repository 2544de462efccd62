internal import Primitives

extension Fault.Code {
    static let routeNotFound = Fault.Code("not_found", .notFound)
    static let methodNotAllowed = Fault.Code("method_not_allowed", .methodNotAllowed)
    static let malformedJSON = Fault.Code("malformed_json", .malformed)
    static let malformedRequest = Fault.Code("malformed_request", .malformed)
    static let bodyTooLarge = Fault.Code("body_too_large", .tooLarge)
    static let unsupportedMediaType = Fault.Code("unsupported_media_type", .unsupportedMediaType)
    static let requestTimeout = Fault.Code("request_timeout", .timedOut)
    static let headersTooLarge = Fault.Code("headers_too_large", .headersTooLarge)
    static let rateLimited = Fault.Code("rate_limited", .limited)
    static let documentationUnavailable = Fault.Code("documentation_unavailable", .unavailable)
}

extension Fault {
    static let routeNotFound = Fault(
        .routeNotFound,
        LocalizedText(pt: "Este endereço não existe.", en: "This address does not exist.")
    )

    static let methodNotAllowed = Fault(
        .methodNotAllowed,
        LocalizedText(
            pt: "Este endereço não aceita este método; veja o cabeçalho Allow.",
            en: "This address does not accept this method; see the Allow header."
        )
    )

    static func malformedJSON(_ error: JSONSyntaxError) -> Fault {
        Fault(
            .malformedJSON,
            LocalizedText(
                pt: "O corpo não é JSON válido (byte \(error.offset)).",
                en: "The body is not valid JSON (\(error))."
            ),
            cause: error
        )
    }

    static func malformedRequest(pt: String, en: String) -> Fault {
        Fault(.malformedRequest, LocalizedText(pt: pt, en: en))
    }

    static func bodyTooLarge(limit: Int) -> Fault {
        Fault(
            .bodyTooLarge,
            LocalizedText(pt: "O corpo passa de \(limit) bytes.", en: "The body is larger than \(limit) bytes.")
        )
    }

    static let requestTooLarge = Fault(
        .bodyTooLarge,
        LocalizedText(
            pt: "O corpo é maior do que qualquer rota aceita.",
            en: "The body is larger than any route takes."
        )
    )

    static let requestTimeout = Fault(
        .requestTimeout,
        LocalizedText(
            pt: "O corpo da requisição chegou devagar demais. Tente novamente.",
            en: "The request's body came too slowly. Please try again."
        )
    )

    static let requestCutOff = malformedRequest(
        pt: "A conexão terminou antes da requisição.",
        en: "The connection ended before the request did."
    )

    static let malformedHTTP = malformedRequest(
        pt: "A requisição não segue o protocolo HTTP.",
        en: "The request does not follow HTTP."
    )

    static let headersTooLarge = Fault(
        .headersTooLarge,
        LocalizedText(pt: "Os cabeçalhos são grandes demais.", en: "The headers are too large.")
    )

    static func unsupportedMediaType(expected: String) -> Fault {
        Fault(
            .unsupportedMediaType,
            LocalizedText(pt: "O Content-Type deve ser \(expected).", en: "The Content-Type must be \(expected).")
        )
    }

    static let unsupportedContentEncoding = Fault(
        .unsupportedMediaType,
        LocalizedText(
            pt: "O corpo deve vir sem compressão (Content-Encoding).",
            en: "The body must come without compression (Content-Encoding)."
        )
    )

    static func rateLimited(retryAfter: Duration?) -> Fault {
        Fault(
            .rateLimited,
            LocalizedText(
                pt: "Requisições demais. Aguarde um momento e tente de novo.",
                en: "Too many requests. Please wait a moment and try again."
            ),
            retryAfter: retryAfter
        )
    }
}

extension Fault.Kind {
    /// It may be gone in a moment, unlike what the caller would have to change.
    var isPassing: Bool { self == .limited || isFailure }
}
