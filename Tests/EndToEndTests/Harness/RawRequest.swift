internal import Testing

/// Bytes sent as they are, which an HTTP client would put in order first.
struct RawRequest: Sendable, CustomTestStringConvertible {
    let about: String
    /// `TOKEN` stands for a token.
    let text: String
    let statuses: Set<Int>
    var mayHangUp = false

    var testDescription: String { about }

    static let all = [
        get("/%FF", [400, 404]), get("/%zz", [400, 404]), get("/%", [400, 404]), get("/../../etc/passwd", [400, 404]),
        get("/docs/../../../etc/passwd", [400, 404]), get("/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", [400, 404]),
        get("//agents", [400, 404]), get("/api/v2/agents/%FF", [400, 404, 422]),
        get("/api/v2/agents/%zz", [400, 404, 422]),
        get("/api/v2/runs/%00", [400, 404, 422]), get("/api/v2/agents?limit=%FF", [400, 422]),
        get("/api/v2/agents?limit=%zz", [400, 422]), get("/api/v2/agents?cursor=%C0%80", [400, 422]),
        get("/api/v2/events/dashboard?types=%FF", [400, 422]), get("/api/v2/events/dashboard?types=%0", [400, 422]),
        RawRequest(
            about: "headers over 16 KiB",
            text: request("GET /health", ["X-A: \(String(repeating: "a", count: 20_000))"]),
            statuses: [400, 431],
            mayHangUp: true
        ),
        RawRequest(about: "no HTTP", text: "lixo\r\n\r\n", statuses: [400], mayHangUp: true),
        RawRequest(about: "TLS", text: "\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n", statuses: [400], mayHangUp: true),
        RawRequest(
            about: "a method that nobody knows",
            text: request("LIXO /health", []),
            statuses: [400, 404, 405, 501],
            mayHangUp: true
        ),
        RawRequest(
            about: "two lengths",
            text: request("POST /api/v2/agents", ["Content-Length: 2", "Content-Length: 3"]) + "{}",
            statuses: [400],
            mayHangUp: true
        ),
        RawRequest(
            about: "a length and chunks",
            text: request("POST /api/v2/agents", ["Content-Length: 2", "Transfer-Encoding: chunked"]) + "0\r\n\r\n",
            statuses: [400, 401, 415, 422],
            mayHangUp: true
        ),
        RawRequest(
            about: "a negative length",
            text: request("POST /api/v2/agents", ["Content-Length: -1"]),
            statuses: [400],
            mayHangUp: true
        ),
    ]

    private static func get(_ path: String, _ statuses: Set<Int>) -> RawRequest {
        RawRequest(about: path, text: request("GET \(path)", ["Authorization: Bearer TOKEN"]), statuses: statuses)
    }

    private static func request(_ line: String, _ headers: [String]) -> String {
        ([line + " HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }
}
