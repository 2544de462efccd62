internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Primitives
internal import Secrets
internal import Tenancy

extension Request {
    /// JSON bodies up to this size are read, 1 MiB.
    static let maximumJSONBody = 1 << 20

    /// The whole body, which the request then holds: whoever waits for the client's going away needs it there.
    /// - Throws: `body_too_large`.
    mutating func readBody(upTo limit: Int = maximumJSONBody) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Fault.bodyTooLarge(limit: limit)
        }
        do {
            return Array(try await collectBody(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Fault.bodyTooLarge(limit: limit)
        }
    }

    /// Query parameters by name; where one is given twice, the first counts.
    /// - Throws: `malformed_request` for percent-encoding that is not UTF-8.
    func queryValues() throws(Fault) -> [String: String] {
        guard let query = uri.query else { return [:] }
        var values: [String: String] = [:]
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            else {
                throw .malformedRequest(
                    pt: "A query tem codificação inválida.",
                    en: "The query is not valid percent-encoded UTF-8."
                )
            }
            if values[name] == nil { values[name] = value }
        }
        return values
    }

    /// - Throws: `malformed_request` for a key that is not 1–255 visible ASCII characters.
    func idempotencyKey(body: [UInt8]) throws(Fault) -> IdempotencyKey? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformedRequest(
                pt: "Idempotency-Key deve ter de 1 a 255 caracteres ASCII visíveis.",
                en: "Idempotency-Key must have 1 to 255 visible ASCII characters."
            )
        }
        let request = Array("\(method.rawValue) \(uri.string)\n".utf8) + body
        return IdempotencyKey(key: key, requestDigest: SHA256.digest(request))
    }
}

extension RequestFields {
    /// All problems of path, query and body at once.
    /// - Parameter body: nil for a route that has none.
    static func read(from request: Request, _ context: some RequestContext, body: [UInt8]?) throws(Fault) -> Self {
        try read(from: request, context, document: try body.flatMap { body throws(Fault) in try request.json(body) })
    }

    static func read(
        from request: Request,
        _ context: some RequestContext,
        document: JSONDocument?
    ) throws(Fault) -> Self {
        var path: [String: String] = [:]
        for (name, value) in context.parameters {
            path[String(name)] = PercentEncoding.decode(value.utf8, plusIsSpace: false) ?? ""
        }
        var reader = RequestReader(path: path, query: try request.queryValues(), body: document)
        let fields = Self(from: &reader)
        guard reader.problems.all.isEmpty else { throw .validation(reader.problems.all) }
        return fields
    }
}

extension Request {
    /// The body as JSON; nil where it is empty.
    /// - Throws: `unsupported_media_type`, `malformed_json`.
    func json(_ body: [UInt8]) throws(Fault) -> JSONDocument? {
        guard !body.isEmpty else { return nil }
        guard isJSON else { throw .unsupportedMediaType(expected: "application/json") }
        do {
            return try JSON.parse(body)
        } catch {
            throw .malformedJSON(error)
        }
    }

    /// `application/json` and `application/…+json`, with any parameters.
    fileprivate var isJSON: Bool {
        let type = headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        let essence = type.filter { $0 != " " }
        return essence == "application/json" || (essence.hasPrefix("application/") && essence.hasSuffix("+json"))
    }
}
