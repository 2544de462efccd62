internal import HTTPTypes
internal import Hummingbird

/// Which other origins' pages may read our answers (Fetch standard, §3.2).
struct CORSPolicy: Sendable {
    /// Exact origins such as `https://painel.exemplo.com.br`.
    let allowedOrigins: Set<String>

    private static let exposed = [
        "X-Request-Id", "X-Run-Id", "X-Conversation-Id", "RateLimit", "RateLimit-Policy", "Retry-After",
    ].joined(separator: ", ")
    private static let allowedHeaders = [
        "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Accept-Language",
    ].joined(separator: ", ")

    /// The answer to a preflight, or to any OPTIONS of a path that exists; nil for other requests.
    func preflight(_ request: Request, allowing methods: @autoclosure () -> [HTTPRequest.Method]) -> Response? {
        guard request.method == .options else { return nil }
        let methods = methods()
        guard !methods.isEmpty else { return nil }
        let list = methods.map(\.rawValue).joined(separator: ", ")
        var response = Response(status: .noContent, headers: [.allow: list])
        if let origin = request.headers[.origin], allowedOrigins.contains(origin) {
            response.headers[.accessControlAllowMethods] = list
            response.headers[.accessControlAllowHeaders] = Self.allowedHeaders
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }

    func apply(to response: inout Response, of request: Request) {
        guard !allowedOrigins.isEmpty else { return }
        response.headers[values: .vary].append("Origin")
        guard let origin = request.headers[.origin], allowedOrigins.contains(origin) else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlAllowCredentials] = "true"
        response.headers[.accessControlExposeHeaders] = Self.exposed
    }
}
