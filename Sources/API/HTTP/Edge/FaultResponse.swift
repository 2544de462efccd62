internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Primitives

extension Fault.Kind {
    /// The one place where faults become HTTP.
    var status: HTTPResponse.Status {
        switch self {
        case .malformed: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .timedOut: .requestTimeout
        case .conflict: .conflict
        case .tooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .invalid: .unprocessableContent
        case .limited: .tooManyRequests
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .internalFailure: .internalServerError
        case .badGateway: .badGateway
        case .unavailable: .serviceUnavailable
        }
    }
}

extension Response {
    static func json(_ body: [UInt8], status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    /// An error; whatever will get better by itself says when to come back.
    static func fault(_ fault: Fault, in language: Language, requestID: Primitives.RequestID, at time: Timestamp)
        -> Response
    {
        let kind = fault.code.kind
        let body = fault.envelope(in: language, requestID: requestID, at: time)
        var response = Response.json(body, status: kind.status)
        if let wait = fault.retryAfter ?? (kind == .unavailable ? .seconds(1) : nil) {
            response.headers[.retryAfter] = String(max(1, wait.secondsRoundedUp))
        }
        if kind == .unauthenticated { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

extension Fault {
    /// The error envelope of API.md.
    func envelope(in language: Language, requestID: Primitives.RequestID, at time: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("success") { $0.value(false) }
            writer.member("error", text(in: language))
            writer.member("error_code", code.rawValue)
            writer.member("request_id", requestID.description)
            writer.member("timestamp", time.description)
            guard !problems.isEmpty else { return }
            writer.member("validation_errors") { writer in
                writer.array { writer in
                    for problem in problems {
                        writer.object { writer in
                            writer.member("field", problem.field)
                            writer.member("message", problem.message(in: language))
                            if let value = problem.value { writer.member("value", value) }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }
}
