public import Primitives

/// Signed webhooks (Standard Webhooks 1.0.0; Svix, and so Clerk, uses the same algorithm under other header names).
public enum StandardWebhooks {
    /// How far the sender's clock may be from ours, in either direction.
    public static let tolerance = Duration.seconds(300)

    /// The headers that sign a body.
    ///
    /// - Parameters:
    ///   - id: The message's id, the same in each attempt; without a dot.
    ///   - time: When this attempt is made.
    ///   - body: The bytes that are sent, exactly.
    ///   - secrets: Shared with the receiver: one; two while one takes over from the other (`v1`).
    ///   - signingKeys: The sender's own, for receivers that know its public key; likewise (`v1a`).
    public static func sign(
        id: String,
        at time: Timestamp,
        body: some Collection<UInt8>,
        with secrets: [WebhookSecret],
        signingKeys: [WebhookSigningKey] = []
    ) -> WebhookHeaders {
        precondition(!id.isEmpty && !id.contains("."), "a dot in the id would make the signed bytes ambiguous")
        let timestamp = String(time.secondsSinceEpoch)
        let content = content(id, timestamp, body)
        let signatures =
            secrets.map { symmetric + Base64.standard.encode($0.code(for: content)) }
            + signingKeys.map { asymmetric + Base64.standard.encode($0.signature(of: content)) }
        return WebhookHeaders(id: id, timestamp: timestamp, signature: signatures.joined(separator: " "))
    }

    /// Before a signature: HMAC-SHA256, and Ed25519.
    private static let symmetric = "v1,"
    private static let asymmetric = "v1a,"

    /// What is signed.
    private static func content(_ id: String, _ timestamp: String, _ body: some Collection<UInt8>) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }

    /// Whether the body came from a holder of one of the secrets, or of one of the public keys' other halves, within the
    /// tolerance of `now`.
    ///
    /// Answers for any input.
    public static func verify(
        _ headers: WebhookHeaders,
        body: some Collection<UInt8>,
        with secrets: [WebhookSecret],
        publicKeys: [WebhookPublicKey] = [],
        now: Timestamp
    ) -> WebhookVerdict {
        guard let id = headers.id else { return .refused(.missingID) }
        guard let timestamp = headers.timestamp else { return .refused(.missingTimestamp) }
        guard let signature = headers.signature else { return .refused(.missingSignature) }
        guard !id.utf8.contains(UInt8(ascii: ".")) else { return .refused(.malformedID) }
        guard let time = Self.time(timestamp) else { return .refused(.malformedTimestamp) }
        guard now - time <= tolerance else { return .refused(.tooOld) }
        guard time - now <= tolerance else { return .refused(.tooNew) }

        let content = content(id, timestamp, body)
        let codes = secrets.map { $0.code(for: content) }
        for entry in signature.split(separator: " ") {
            let isValid =
                if let code = candidate(entry, symmetric) {
                    codes.contains { ConstantTime.areEqual($0, code) }
                } else if let signature = candidate(entry, asymmetric) {
                    publicKeys.contains { $0.verifies(signature: signature, of: content) }
                } else {
                    false
                }
            if isValid { return .accepted(id: id, sentAt: time) }
        }
        return .refused(.wrongSignature)
    }

    private static func candidate(_ entry: Substring, _ version: String) -> [UInt8]? {
        guard entry.utf8.starts(with: version.utf8) else { return nil }
        return Base64.standard.decode(entry.utf8.dropFirst(version.utf8.count))
    }

    /// Unix seconds in ASCII digits, at most 11: beyond the year 5000 nothing is a time.
    private static func time(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 11, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(text).map { Timestamp(secondsSinceEpoch: $0) }
    }
}

public enum WebhookVerdict: Equatable, Sendable {
    /// The id is the message's, to be handled once; `sentAt` is when the sender made this attempt.
    case accepted(id: String, sentAt: Timestamp)
    case refused(WebhookRefusal)
}

/// Why a webhook was refused; a missing header may also be a blank one.
public enum WebhookRefusal: String, Sendable, CaseIterable {
    case missingID, missingTimestamp, missingSignature
    case malformedID, malformedTimestamp
    case tooOld, tooNew
    case wrongSignature
}
