internal import Hummingbird
internal import Tenancy

/// What a writing route answers: the first time, or again.
struct ToldAnswer {
    fileprivate let status: Int
    fileprivate let body: [UInt8]
    let isReplay: Bool

    var response: Response {
        var response = Response.json(body, status: .init(code: status))
        if isReplay { response.headers[.idempotentReplayed] = "true" }
        return response
    }
}

extension TenantTransaction {
    /// Runs `effect` and answers with what it made; where the key was used before, gives the first answer again instead.
    func tell<Value>(
        _ answer: Answer<Value>,
        once key: IdempotencyKey?,
        _ effect: () async throws -> Value
    ) async throws -> ToldAnswer {
        guard let key else {
            let body = answer.encoded(try await effect())
            return ToldAnswer(status: answer.status.code, body: body, isReplay: false)
        }
        var first: [UInt8]?
        let (stored, isReplay) = try await once(key) {
            let value = try await effect()
            first = answer.encoded(value)
            let kept = answer.stored.map { answer.encoded($0(value)) } ?? first
            return StoredAnswer(status: answer.status.code, body: kept ?? [])
        }
        return ToldAnswer(status: stored.status, body: first ?? stored.body, isReplay: isReplay)
    }
}
