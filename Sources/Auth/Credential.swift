public import Primitives

/// What a request shows to prove who sends it.
public enum Credential: Sendable, Hashable {
    /// Of the header `Authorization: Bearer`.
    case bearer(Redacted<String>)
    /// Of Clerk's cookies `__session` and `__session_<suffix>`, those with a suffix first: they belong to one Clerk
    /// application, while the plain one belongs to whichever of the host's applications wrote it last.
    case sessionCookies([Redacted<String>])
    /// Of the query of a route that takes tickets; `isResumption` where the client says where it has been.
    case ticket(Redacted<String>, isResumption: Bool)

    /// Decides from a request's headers, each as it was sent or nil where it is absent, and its ticket.
    ///
    /// An `Authorization` header alone decides where there is one, and then a ticket. The cookie, which a browser adds by
    /// itself to requests that other sites cause, counts only for GET and only where the browser vouches for the sender:
    /// `Sec-Fetch-Site: same-origin`, or an `Origin` that is allowed.
    /// - Parameter ticket: nil as well on routes that take none.
    /// - Throws: `token_missing`, `authorization_malformed`, `session_cookie_refused`.
    public static func from(
        method: String,
        authorization: String?,
        cookie: String?,
        secFetchSite: String?,
        origin: String?,
        allowedOrigins: Set<String>,
        ticket: (text: String, isResumption: Bool)? = nil
    ) throws(Fault) -> Credential {
        if let authorization {
            return .bearer(Redacted(try bearerToken(authorization)))
        }
        if let ticket { return .ticket(Redacted(ticket.text), isResumption: ticket.isResumption) }
        let tokens = cookie.map(sessionTokens) ?? []
        guard !tokens.isEmpty else { throw .tokenMissing }
        let isVouchedFor = secFetchSite == "same-origin" || origin.map(allowedOrigins.contains) == true
        guard method == "GET", isVouchedFor else { throw .sessionCookieRefused }
        return .sessionCookies(tokens.map(Redacted.init))
    }

    /// The scheme in any case (RFC 9110 §11.1), one space, and a token of one word (RFC 6750 §2.1).
    private static func bearerToken(_ header: String) throws(Fault) -> String {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bearer", !parts[1].isEmpty else {
            throw .authorizationMalformed
        }
        // As UTF-8 in one piece: a kilobyte of each request.
        var token = String(parts[1])
        let isOneWord = token.withUTF8 { bytes in
            bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") }
        }
        guard isOneWord else { throw .authorizationMalformed }
        return token
    }

    private static let cookieName = "__session"
    /// More session cookies than any browser needs: what is behind them is not looked at.
    private static let maximumTokens = 4

    private static func sessionTokens(_ header: String) -> [String] {
        var suffixed: [String] = []
        var plain: [String] = []
        for pair in header.split(separator: ";") {
            let parts = pair.trimmingOptionalWhitespace.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let token = String(parts[1])
            if parts[0] == cookieName {
                plain.append(token)
            } else if parts[0].hasPrefix(cookieName + "_"), parts[0].count > cookieName.count + 1 {
                suffixed.append(token)
            }
        }
        var distinct: [String] = []
        for token in suffixed + plain where !distinct.contains(token) { distinct.append(token) }
        return Array(distinct.prefix(maximumTokens))
    }
}
