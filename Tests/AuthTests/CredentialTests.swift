internal import Auth
internal import Primitives
internal import Testing

@Suite("Credentials in a request's headers") struct CredentialTests {
    private func credential(
        method: String = "GET",
        authorization: String? = nil,
        cookie: String? = nil,
        site: String? = nil,
        origin: String? = nil
    ) -> Result<[String], Fault> {
        do throws(Fault) {
            let credential = try Credential.from(
                method: method,
                authorization: authorization,
                cookie: cookie,
                secFetchSite: site,
                origin: origin,
                allowedOrigins: ["https://app.example.com"]
            )
            return switch credential {
            case .bearer(let token), .ticket(let token, _): .success([token.exposed])
            case .sessionCookies(let tokens): .success(tokens.map(\.exposed))
            }
        } catch {
            return .failure(error)
        }
    }

    private func tokens(cookie: String) -> [String]? {
        try? credential(cookie: cookie, site: "same-origin").get()
    }

    private func code(_ result: Result<[String], Fault>) -> String? {
        if case .failure(let fault) = result { fault.code.rawValue } else { nil }
    }

    @Test("The bearer token is what stands after the scheme and one space")
    func bearer() throws {
        #expect(try credential(authorization: "Bearer a.b.c").get() == ["a.b.c"])
        #expect(try credential(method: "POST", authorization: "bearer a.b.c").get() == ["a.b.c"])
        let malformed = [
            "", "Bearer", "Bearer ", "Bearer  a", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", " Bearer a",
            "Basic a", "Bearera", "Bearer é", "Bearer\ta", "Token Bearer a",
        ]
        for header in malformed {
            #expect(code(credential(authorization: header)) == "authorization_malformed", "\(header)")
        }
    }

    @Test("A malformed Authorization header is not made good by a cookie")
    func noFallback() {
        let result = credential(authorization: "Basic x", cookie: "__session=a", site: "same-origin")
        #expect(code(result) == "authorization_malformed")
        #expect(code(credential()) == "token_missing")
    }

    @Test("Session cookies are recognised by their exact names, those with a suffix first")
    func cookieNames() {
        #expect(tokens(cookie: "__session=a") == ["a"])
        #expect(tokens(cookie: "x=1; __session=a; y=2") == ["a"])
        #expect(tokens(cookie: "__session=a;__session_k3J=b") == ["b", "a"])
        #expect(tokens(cookie: "__session=a; __session_k3J=a") == ["a"])
        #expect(tokens(cookie: "__session_1=a; __session_2=b; __session_3=c; __session_4=d; __session_5=e")?.count == 4)
        for other in [
            "__sessionx=a", "__session_=a", "x__session=a", "__Session=a", "session=a", "__session", "__session=",
        ] {
            #expect(code(credential(cookie: other, site: "same-origin")) == "token_missing", "\(other)")
        }
    }

    @Test("A cookie counts for GET from the same origin or an allowed one, and for nothing else")
    func cookieRule() throws {
        let cookie = "__session=a"
        #expect(try credential(cookie: cookie, site: "same-origin").get() == ["a"])
        #expect(try credential(cookie: cookie, origin: "https://app.example.com").get() == ["a"])
        #expect(try credential(cookie: cookie, site: "cross-site", origin: "https://app.example.com").get() == ["a"])
        for method in ["POST", "PUT", "PATCH", "DELETE", "HEAD", "get", ""] {
            let result = credential(method: method, cookie: cookie, site: "same-origin")
            #expect(code(result) == "session_cookie_refused", "\(method)")
        }
        for site in ["same-site", "cross-site", "none", "", "Same-Origin"] {
            #expect(code(credential(cookie: cookie, site: site)) == "session_cookie_refused", "\(site)")
        }
        for origin in ["https://evil.example", "null", "", "https://app.example.com.evil.example"] {
            #expect(code(credential(cookie: cookie, origin: origin)) == "session_cookie_refused", "\(origin)")
        }
        #expect(code(credential(cookie: cookie)) == "session_cookie_refused")
    }

    @Test("Of several session cookies the first that is ours decides")
    func severalCookies() async throws {
        let verifier = TokenFixture.verifier()
        let stranger = TokenFixture.makeIssuer().token(for: TokenFixture.session, lifetime: .seconds(60))
        let cookies = [Redacted(stranger), Redacted(TokenFixture.token())]
        #expect(try await verifier.verify(cookies).userID == "user_ana")
        await #expect(throws: Fault.self) { try await verifier.verify([Redacted(stranger)]) }
    }
}
