internal import Auth
internal import Primitives
internal import Testing

/// Who is let in, seen from outside.
@Suite("Credentials", .server())
struct CredentialTests {
    private static let path = "/api/v2/agents"

    @Test("No route of a tenant answers without a credential")
    func everyRoute() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        for operation in try await APIDocument(of: server).tenantOperations {
            let response = try await shop.send(operation, as: APIClient(server))
            #expect(response.status == 401 && response.errorCode == "token_missing", "\(operation): \(response)")
            #expect(response.header("WWW-Authenticate") == "Bearer")
        }
    }

    @Test(
        "What is no token is refused",
        arguments: [
            "", "Bearer", "Bearer ", "Basic dXNlcjpzZW5oYQ==", "Bearer a b", "Bearer lixo", "Bearer a.b.c",
            "Bearer ..", "Bearer \(String(repeating: "a", count: 100)).\(String(repeating: "b", count: 100)).c",
            "Bearer adc_sk_live_inexistente",
        ]
    )
    func garbage(_ header: String) async throws {
        let response = try await APIClient(.current).get(Self.path, [("Authorization", header)])
        #expect(response.status == 401, "\(response)")
        #expect(response.errorCode != nil && response.json?["success"] == false)
    }

    @Test("A token over 8 KiB is refused as too large")
    func oversized() async throws {
        let token = String(repeating: "a", count: 8193)
        let response = try await APIClient(.current, token: token).get(Self.path)
        #expect(response.status == 401 && response.errorCode == "token_too_large", "\(response)")
    }

    @Test("A token with any one character changed is refused")
    func tampered() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        #expect(try await organization.admin.get(Self.path).status == 200)
        let token = Array(organization.token().utf8)
        for index in stride(from: 0, to: token.count, by: 7) {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let client = APIClient(server, token: String(decoding: changed, as: UTF8.self))
            let response = try await client.get(Self.path)
            #expect(response.status == 401, "character \(index): \(response)")
        }
    }

    @Test("An expired token, one for later, and one of another issuer or party are refused")
    func claims() async throws {
        let server = try RunningServer.current
        let issuer = server.program.issuer
        let now = WallClock.system.now().secondsSinceEpoch
        func claims(_ change: (inout JSONObject) -> Void) -> String {
            var claims = JSONObject([
                ("azp", .string(issuer.authorizedParty)), ("exp", .number(JSONNumber(now + 60))),
                ("iat", .number(JSONNumber(now))), ("iss", .string(issuer.issuer)),
                ("nbf", .number(JSONNumber(now - 10))), ("sub", "user_a"), ("sid", "sess_a"), ("v", 2),
                ("o", ["id": .string("org_claims"), "rol": "admin", "slg": "claims"]),
            ])
            change(&claims)
            return issuer.signedToken(claims: claims)
        }
        #expect(try await APIClient(server, token: claims { _ in }).get(Self.path).status == 200)
        let refused: [(String, String)] = [
            ("expired", claims { $0["exp"] = .number(JSONNumber(now - 3600)) }),
            ("not yet valid", claims { $0["nbf"] = .number(JSONNumber(now + 3600)) }),
            ("other issuer", claims { $0["iss"] = "https://clerk.outro.example" }),
            ("other party", claims { $0["azp"] = "https://outro.example" }),
            ("no party", claims { $0["azp"] = nil }),
            ("mistyped exp", claims { $0["exp"] = .string("\(now + 60)") }),
            ("no subject", claims { $0["sub"] = nil }),
        ]
        for (what, token) in refused {
            let response = try await APIClient(server, token: token).get(Self.path)
            #expect(response.status == 401, "\(what): \(response)")
        }
    }

    @Test("A token without organisation is told that one is required")
    func withoutOrganization() async throws {
        let server = try RunningServer.current
        let token = server.program.issuer.token(
            for: DevelopmentSession(userID: "user_alone", organization: nil),
            lifetime: .seconds(60)
        )
        let response = try await APIClient(server, token: token).get(Self.path)
        #expect(response.status == 403 && response.errorCode == "organization_required")
    }

    @Test("A member may read and chat, and is refused what an admin may")
    func member() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let member = shop.organization.member
        #expect(try await member.get(Self.path).status == 200)
        #expect(try await member.chat(shop.agentID, "Oi").events.last == "done")
        for response in [
            try await member.post(Self.path, Shop.agent(baseID: nil)),
            try await member.delete("\(Self.path)/\(shop.agentID)"),
            try await member.post("/api/v2/knowledge/bases", ["name": "Loja"]),
            try await member.patch("/api/v2/settings", ["theme": "dark"]),
            try await member.get("/api/v2/analytics"),
        ] {
            #expect(response.status == 403 && response.errorCode == "permission_denied", "\(response)")
        }
    }

    @Test("The session cookie counts for GET only, and only where the browser vouches for the page")
    func cookie() async throws {
        let server = try RunningServer.current
        let nobody = APIClient(server)
        let cookie = ("Cookie", "tema=escuro; __session=\(TestOrganization(server).token())")
        let sameOrigin = ("Sec-Fetch-Site", "same-origin")
        let allowed = ("Origin", Program.allowedOrigin)
        #expect(try await nobody.get(Self.path, [cookie, sameOrigin]).status == 200)
        let dashboard = try await nobody.get(Self.path, [cookie, allowed])
        #expect(dashboard.status == 200)
        #expect(dashboard.header("Access-Control-Allow-Origin") == Program.allowedOrigin)
        #expect(dashboard.header("Access-Control-Allow-Credentials") == "true")
        for headers in [
            [cookie], [cookie, ("Sec-Fetch-Site", "cross-site")], [cookie, ("Sec-Fetch-Site", "same-site")],
            [cookie, ("Origin", "https://mal.example")], [cookie, ("Origin", "null")],
        ] {
            let response = try await nobody.get(Self.path, headers)
            #expect(response.status == 403 || response.status == 401, "\(headers.dropFirst()): \(response)")
        }
        let written = try await nobody.post(Self.path, Shop.agent(baseID: nil), [cookie, sameOrigin])
        #expect(written.status == 403 || written.status == 401, "\(written)")
    }

    @Test("`agentes dev keys` and `dev token` make what the server accepts, `dev clerk-event` what it believes")
    func commands() async throws {
        let server = try RunningServer.current
        let program = server.program
        let directory = program.issuer.jwksPath.prefix { _ in true }.split(separator: "/").dropLast().joined(
            separator: "/"
        )
        _ = try await program.output(of: ["dev", "keys", "--directory", "/" + directory])
        let organization = TestOrganization(server).clerkID
        let token = try await program.output(of: [
            "dev", "token", "--directory", "/" + directory, "--organization", organization, "--ttl", "60s",
        ])
        let client = APIClient(server, token: String(token.prefix { !$0.isNewline }))
        #expect(try await client.get(Self.path).status == 200)
        let event = try await program.output(of: [
            "dev", "clerk-event", "organization", "deleted", "--organization", organization,
            "--directory", "/" + directory, "--server", server.address,
        ])
        #expect(event.hasPrefix("200"))
        // The organisation's record is kept in the process for five seconds.
        let refused = try await poll("the deleted organisation is refused") {
            let response = try await client.get(Self.path)
            return response.status == 200 ? nil : response
        }
        #expect(refused.status == 403 || refused.status == 401, "\(refused)")
    }
}
