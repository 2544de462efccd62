internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// Speaks to a running server as somebody, or as nobody.
struct APIClient: Sendable {
    let address: String
    let token: String?
    /// Sent with each request.
    var headers: [(String, String)] = []

    init(_ server: RunningServer, token: String? = nil) {
        address = server.address
        self.token = token
    }

    // Fifty streams at once are part of what is tested.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> APIResponse {
        try await send(.GET, path, headers: headers)
    }

    func delete(_ path: String) async throws -> APIResponse {
        try await send(.DELETE, path)
    }

    func post(_ path: String, _ body: JSON, _ headers: [(String, String)] = []) async throws -> APIResponse {
        try await send(.POST, path, json: body, headers: headers)
    }

    func patch(_ path: String, _ body: JSON) async throws -> APIResponse {
        try await send(.PATCH, path, json: body)
    }

    func put(_ path: String, _ body: JSON) async throws -> APIResponse {
        try await send(.PUT, path, json: body)
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        json: JSON,
        headers: [(String, String)] = []
    ) async throws -> APIResponse {
        try await send(
            method,
            path,
            headers: headers + [("Content-Type", "application/json")],
            body: json.encoded
        )
    }

    /// The whole answer; of a stream that goes on without end, what is known when it begins.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> APIResponse {
        let response = try await open(method, path, headers: headers, body: body)
        let isEndless = method == .GET && response.headers.first(name: "Content-Type") == "text/event-stream"
        let bytes = isEndless ? ByteBuffer() : try await response.body.collect(upTo: 16 << 20)
        return APIResponse(
            status: Int(response.status.code),
            headers: response.headers,
            body: Array(bytes.readableBytesView)
        )
    }

    /// An answer whose body is still coming.
    func open(
        _ method: HTTPMethod,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in self.headers + headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return try await Self.client.execute(request, timeout: .seconds(60))
    }
}

/// An answer, read whole.
struct APIResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    func header(_ name: String) -> String? { headers.first(name: name) }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// nil where the body is no JSON.
    var json: JSON? { (try? JSON.parse(body))?.root }

    /// `data` of the envelope.
    /// - Throws: when the answer is no success.
    func data(_ status: Int = 200) throws -> JSON {
        guard self.status == status, json?["success"] == true, let data = json?["data"] else {
            throw ProgramFailure("\(status) expected, got \(self)")
        }
        return data
    }

    /// The data's `id`.
    func id(_ status: Int = 200) throws -> String {
        guard let id = try data(status)["id"]?.string else { throw ProgramFailure("an id expected, got \(self)") }
        return id
    }

    var errorCode: String? { json?["error_code"]?.string }

    var problemFields: [String] {
        (json?["validation_errors"]?.array ?? []).compactMap { $0["field"]?.string }
    }
}

extension APIResponse: CustomStringConvertible {
    var description: String { "\(status) \(text.prefix(500))" }
}
