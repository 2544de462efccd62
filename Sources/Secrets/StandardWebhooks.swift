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
    ///   - secrets: One; two while one takes over from the other.
    public static func sign(
        id: String,
        at time: Timestamp,
        body: some Collection<UInt8>,
        with secrets: [WebhookSecret]
    ) -> WebhookHeaders {
        precondition(!id.isEmpty && !id.contains("."), "a dot in the id would make the signed bytes ambiguous")
        let timestamp = String(time.secondsSinceEpoch)
        let signatures = secrets.map { secret in
            "v1," + Base64.standard.encode(secret.code(id: id, timestamp: timestamp, body: body))
        }
        return WebhookHeaders(id: id, timestamp: timestamp, signature: signatures.joined(separator: " "))
    }

    /// Whether the body came from a holder of one of the secrets within the tolerance of `now`.
    ///
    /// Answers for any input.
    public static func verify(
        _ headers: WebhookHeaders,
        body: some Collection<UInt8>,
        with secrets: [WebhookSecret],
        now: Timestamp
    ) -> WebhookVerdict {
        guard let id = headers.id else { return .refused(.missingID) }
        guard let timestamp = headers.timestamp else { return .refused(.missingTimestamp) }
        guard let signature = headers.signature else { return .refused(.missingSignature) }
        guard !id.utf8.contains(UInt8(ascii: ".")) else { return .refused(.malformedID) }
        guard let time = Self.time(timestamp) else { return .refused(.malformedTimestamp) }
        guard now - time <= tolerance else { return .refused(.tooOld) }
        guard time - now <= tolerance else { return .refused(.tooNew) }

        let codes = secrets.map { $0.code(id: id, timestamp: timestamp, body: body) }
        for entry in signature.utf8.split(separator: UInt8(ascii: " ")) where entry.starts(with: "v1,".utf8) {
            guard let candidate = Base64.standard.decode(entry.dropFirst(3)) else { continue }
            if codes.contains(where: { ConstantTime.areEqual($0, candidate) }) {
                return .accepted(id: id, sentAt: time)
            }
        }
        return .refused(.wrongSignature)
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
