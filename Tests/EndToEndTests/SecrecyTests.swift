internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Postgres
internal import Primitives
internal import Secrets
internal import Subprocess
internal import Synchronization
internal import TestSupport
internal import Testing

/// Every secret that the server is given carries a mark; whatever happens, nothing that it prints or answers has one.
@Suite("Secrets")
struct SecrecyTests {
    /// Made anew, so that no innocent text has it.
    private static func mark(_ name: String) -> String {
        "MARCA\(name)\(UUIDv7.next().uuidString.replacing("-", with: ""))"
    }

    @Test(
        "No secret is in a log, an error, a metric or an answer, in success, refusal, faults of dependencies and the end"
    )
    func marked() async throws {
        let providerKey = "sk-\(Self.mark("PROVEDOR"))"
        let metricsToken = Self.mark("METRICAS")
        let password = Self.mark("SENHA")
        let sentryKey = Self.mark("SENTRY").lowercased()
        let webhookSecret = "whsec_\(Base64.standard.encode(Array(Self.mark("WEBHOOK").utf8.prefix(48))))"
        let seen = Mutex<[String]>([])
        try await PrivatePostgres.running { postgres in
            try await IndiscreetProvider.running { provider in
                let settings = [
                    "OPENAI_API_KEY": providerKey, "OPENAI_BASE_URL": "http://127.0.0.1:\(provider.port)/v1",
                    "METRICS_TOKEN": metricsToken, "CLERK_WEBHOOK_SECRET": webhookSecret,
                    // Nobody but `migrate` may use it.
                    "DATABASE_URL": "postgres://dono:\(password)@127.0.0.1:1/agentes",
                    "SENTRY_DSN": "http://\(sentryKey)@127.0.0.1:1/1",
                ]
                try await Program.deployed(settings) { program in
                    let own =
                        [providerKey, metricsToken, password, sentryKey, webhookSecret]
                        + program.secrets
                        + [TestServer.password(of: .app).exposed, TestServer.password(of: .worker).exposed]
                    let allowed = ["database_unavailable", "provider", "answer"]
                    let (tokens, log) = try await program.serving(["LOG_LEVEL": "debug"], allowing: allowed) { server in
                        let tokens = try await Self.exercise(server, postgres, metricsToken) { answer in
                            seen.withLock { $0.append(answer) }
                        }
                        return (tokens, server.log)
                    }
                    #expect(provider.wasAsked, "the provider saw its key and repeated it")
                    let secrets = own + tokens
                    for text in [log.text] + seen.withLock(\.self) {
                        let found = secrets.filter { text.contains($0) }
                        #expect(found.isEmpty, "\(found) in \(text.prefix(2000))")
                    }
                    #expect(log.lines.count > 100 && seen.withLock(\.count) > 50)
                }
            }
        }
    }

    /// - Returns: the credentials that were used.
    private static func exercise(
        _ server: RunningServer,
        _ postgres: PrivatePostgres,
        _ metricsToken: String,
        _ record: (String) -> Void
    ) async throws -> [String] {
        let organization = TestOrganization(server)
        let shop = try await Shop.open(organization)
        let client = organization.admin
        func see(_ response: APIResponse) {
            record("\(response.headers)\n\(response.text)")
        }
        // Shown here, and never again.
        let key: JSON = ["name": "Loja", "scopes": ["chat"], "agent_ids": [.string(shop.agentID)]]
        let created = try await client.post("/api/v2/api-keys", key, [("Idempotency-Key", "chave")]).data(201)
        let apiKey = try #require(created["secret"]?.string)
        see(try await client.post("/api/v2/api-keys", key, [("Idempotency-Key", "chave")]))
        let machine = APIClient(server, token: apiKey)
        for _ in 0..<2 { see(try await machine.post("/api/v2/agents", ["lixo": .string(apiKey.prefix(4) + "")])) }
        see(try await machine.get("/api/v2/agents?key=\(apiKey)"))
        let ticketed = try await client.post("/api/v2/events/tickets", [:], [("Idempotency-Key", "ingresso")]).data(201)
        let ticket = try #require(ticketed["ticket"]?.string)
        see(try await client.post("/api/v2/events/tickets", [:], [("Idempotency-Key", "ingresso")]))
        // Used, twice at once so that one takes the other's place; with wishes that are not its own; and where none is taken.
        let dashboard = "/api/v2/events/dashboard?ticket=\(ticket)"
        for _ in 0..<2 { see(try await APIClient(server).get(dashboard)) }
        for path in [dashboard + "&types=a", dashboard + "x", "/api/v2/agents?ticket=\(ticket)"] {
            see(try await APIClient(server).get(path))
        }
        see(try await APIClient(server, token: ticket).get("/api/v2/agents"))
        see(try await APIClient(server, token: apiKey.dropLast() + "x").get("/api/v2/agents"))
        for operation in try await APIDocument(of: server).operations
        where !(operation.isStream && operation.isRead) && operation.method != .DELETE {
            see(try await shop.send(operation, as: client, path: ["file": "favicon.png"]))
            see(try await shop.send(operation, as: organization.member, path: ["file": "favicon.png"]))
            see(try await shop.send(operation, as: APIClient(server), path: ["file": "favicon.png"]))
            see(try await shop.send(operation, as: client, path: ["file": "favicon.png"], body: ["lixo": 1]))
        }
        // Credentials that are refused, in every place where one may stand.
        let stale = organization.token(lifetime: .seconds(-60))
        let broken = client.token.map { String($0.dropLast(8)) + "MARCAJWT" } ?? ""
        for token in [stale, broken, "MARCAJWTlixo", "adc_sk_live_MARCACHAVE0000000000000000"] {
            see(try await APIClient(server, token: token).get("/api/v2/agents"))
            see(try await APIClient(server).get("/api/v2/agents?ticket=\(token)&token=\(token)"))
            let cookie = [("Cookie", "__session=\(token)"), ("Sec-Fetch-Site", "same-origin")]
            see(try await APIClient(server).get("/api/v2/agents", cookie))
            see(try await APIClient(server).get("/metrics", [("Authorization", "Bearer \(token)")]))
        }
        // The provider refuses the key, and says which.
        var agent = Shop.agent(baseID: nil).object ?? JSONObject()
        let models = try await client.get("/api/v2/models")
        see(models)
        let openAI = (try models.data().array ?? []).first { $0["provider"] == "openai" }?["id"]?.string
        agent["model_id"] = .string(try #require(openAI, "a model of the provider: \(models)"))
        let agentID = try await client.post("/api/v2/agents", .object(agent)).id(201)
        for isStreaming in [true, false] {
            let body: JSON = ["messages": [["role": "user", "content": "Oi"]], "streaming": .bool(isStreaming)]
            see(try await client.post("/api/v2/agents/\(agentID)/chat/stream", body))
        }
        see(try await client.get("/api/v2/conversations"))
        // Postgres goes away in the middle of it all, and Redis' place is taken by nobody.
        postgres.crash()
        see(try await client.post("/api/v2/agents", .object(agent)))
        see(try await client.get("/api/v2/settings"))
        see(try await APIClient(server).get("/ready"))
        try postgres.start()
        try await poll("it is back") { try await client.get("/api/v2/agents").status == 200 ? () : nil }
        see(try await APIClient(server).get("/metrics", [("Authorization", "Bearer \(metricsToken)")]))
        see(try await APIClient(server).get(dashboard))
        return [client.token, apiKey, ticket, organization.member.token, stale, broken, "MARCAJWT", "MARCACHAVE"]
            .compactMap(
                \.self
            )
    }

    @Test("With a wrong password the server does not start, says why, and prints no secret", .timeLimit(.minutes(2)))
    func wrongPassword() async throws {
        try await Program.deployed { program in
            let password = Self.mark("SENHA")
            let url = (program.environment["DATABASE_APP_URL"] ?? "").replacing(
                TestServer.password(of: .app).exposed,
                with: password
            )
            for (name, value) in [
                ("DATABASE_APP_URL", url),
                ("DATABASE_APP_URL", "postgres://agentes_app:\(password)@127.0.0.1:1/agentes"),
                ("DATABASE_APP_URL", "nonsense \(password)"), ("REDIS_URL", "redis://:\(password)@:lixo"),
                ("MASTER_KEY", password), ("CLERK_WEBHOOK_SECRET", password),
            ] {
                let environment = program.environment.merging([name: value]) { _, new in new }
                let result = try await Subprocess.run(
                    program.executable,
                    arguments: ["serve"],
                    environment: .custom(environment.keyed),
                    output: .string(limit: 1 << 20),
                    error: .string(limit: 1 << 20)
                )
                let text = "\(result.standardOutput)\(result.standardError)"
                #expect(!result.terminationStatus.isSuccess, "\(name): \(text)")
                #expect(!text.contains(password), "\(name): \(text)")
                let isClear = text.contains(name) || text.contains("postgres")
                #expect(isClear, "it says what is wrong with \(name): \(text)")
                #expect(program.secrets.allSatisfy { !text.contains($0) }, "\(name): \(text)")
            }
        }
    }
}

/// A model provider that refuses every key with 401, and repeats it in headers and body.
private final class IndiscreetProvider: Sendable {
    let port: Int
    private let asked: Count

    var wasAsked: Bool { asked.value > 0 }

    static func running<T: Sendable>(_ body: @Sendable (IndiscreetProvider) async throws -> T) async throws -> T {
        let asked = Count()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(asked))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let provider = IndiscreetProvider(port: channel.localAddress?.port ?? 0, asked: asked)
        let result: Result<T, any Error>
        do { result = .success(try await body(provider)) } catch { result = .failure(error) }
        try await channel.close()
        return try result.get()
    }

    private init(port: Int, asked: Count) {
        self.port = port
        self.asked = asked
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let asked: Count
        private var credential = ""

        init(_ asked: Count) {
            self.asked = asked
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): credential = head.headers.first(name: "Authorization") ?? ""
            case .body: break
            case .end:
                if !credential.isEmpty { asked.add(1) }
                let body =
                    #"{"error":{"message":"Incorrect API key provided: \#(credential)","code":"invalid_api_key"}}"#
                let headers: HTTPHeaders = [
                    "Content-Type": "application/json", "Content-Length": "\(body.utf8.count)",
                    "WWW-Authenticate": credential, "X-Request-Id": credential,
                ]
                let head = HTTPResponseHead(version: .http1_1, status: .unauthorized, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
