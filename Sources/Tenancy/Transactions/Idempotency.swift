internal import Primitives

/// A request's `Idempotency-Key`: the effect and the answer to it are written in one transaction, so a repeated request
/// gets the first answer again and has no second effect.
public struct IdempotencyKey: Sendable {
    public let key: String
    /// SHA-256 of method, path and body: the same key with another request is refused.
    public let requestDigest: [UInt8]

    public init(key: String, requestDigest: [UInt8]) {
        self.key = key
        self.requestDigest = requestDigest
    }
}

/// An answer as it was or will be sent.
public struct StoredAnswer: Sendable, Hashable {
    public let status: Int
    public let body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

extension TenantTransaction {
    /// Runs `effect` if the key is new and stores its answer; otherwise gives the answer stored before.
    ///
    /// A request with the same key that is under way is waited for. If `effect` throws, nothing is stored and the key
    /// may be used again.
    /// - Throws: `idempotency_key_reused` where the key was used with another request, and what `effect` throws.
    public func once(
        _ key: IdempotencyKey,
        _ effect: () async throws -> StoredAnswer
    ) async throws -> (answer: StoredAnswer, isReplay: Bool) {
        try await execute(DeleteExpiredIdempotencyKey(tenantID: tenantID, key: key.key))
        let claimed = try await execute(ClaimIdempotencyKey(tenantID: tenantID, key: key))
        if claimed == 1 {
            let answer = try await effect()
            try await execute(StoreIdempotentAnswer(tenantID: tenantID, key: key.key, answer: answer))
            return (answer, false)
        }
        guard let stored = try await queryFirst(SelectIdempotentAnswer(tenantID: tenantID, key: key.key)),
            stored.requestDigest == key.requestDigest
        else { throw Fault.idempotencyKeyReused }
        return (stored.answer, true)
    }
}
