internal import AsyncHTTPClient
internal import NIOPosix
internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import LanguageModels

@Suite("OpenAI's refusals, over a socket", .timeLimit(.minutes(1)))
struct OpenAIRefusalTests {
    private static func answer(_ connection: LocalServer.Connection) async throws {
        try await connection.sendStreamHead()
        try await connection.sendChunk(ResponsesStream.answer(["Olá"]).text.utf8)
        try await connection.sendLastChunk()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let status: String
        var headers: String = "X-None: 1"
        var body: String = #"{"error":{"message":"No.","type":"t","param":null,"code":null}}"#
        let code: Fault.Code
        /// The pause before the second attempt, where there is one.
        var pause: Duration?
        var retryAfter: Duration?

        var testDescription: String { "\(status), \(headers), \(body.prefix(60))" }
    }

    static let final = [
        Refusal(status: "400 Bad Request", code: .providerRejected),
        Refusal(
            status: "400 Bad Request",
            body: #"{"error":{"message":"Too long.","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
            code: .providerContextExceeded
        ),
        Refusal(status: "401 Unauthorized", code: .providerUnauthorized),
        Refusal(status: "403 Forbidden", code: .providerUnauthorized),
        Refusal(status: "404 Not Found", body: "<html>", code: .providerRejected),
        Refusal(status: "302 Found", headers: "Location: http://127.0.0.1:1/", code: .providerRejected),
        Refusal(
            status: "429 Too Many Requests",
            body: #"{"error":{"message":"Pay.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            code: .providerQuotaExceeded
        ),
        Refusal(
            status: "429 Too Many Requests",
            headers: "Retry-After: 60",
            code: .providerRateLimited,
            retryAfter: .seconds(60)
        ),
        Refusal(status: "500 Internal Server Error", headers: "X-Should-Retry: false", code: .providerUnavailable),
    ]

    @Test("tells a refusal that waiting does not help, after one attempt", arguments: final)
    func refused(refusal: Refusal) async throws {
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.respond(refusal.status, headers: refusal.headers, body: refusal.body)
        } _: { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            let fault = try #require(answer.fault)
            #expect(fault.code == refusal.code)
            #expect(fault.retryAfter == refusal.retryAfter)
            #expect(answer.events.isEmpty)
            #expect(connections() == 1)
        }
    }

    static let passing = [
        Refusal(
            status: "429 Too Many Requests",
            headers: "Retry-After: 2",
            code: .providerRateLimited,
            pause: .seconds(2)
        ),
        Refusal(
            status: "429 Too Many Requests",
            headers: "Retry-After: 2\r\nRetry-After-Ms: 1500",
            code: .providerRateLimited,
            pause: .milliseconds(1500)
        ),
        // The client's clock stands seven seconds before.
        Refusal(
            status: "503 Service Unavailable",
            headers: "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
            code: .providerOverloaded,
            pause: .seconds(7)
        ),
        Refusal(status: "500 Internal Server Error", body: "", code: .providerUnavailable),
        Refusal(status: "408 Request Timeout", code: .providerUnavailable),
        Refusal(status: "409 Conflict", code: .providerUnavailable),
        Refusal(status: "422 Unprocessable", headers: "X-Should-Retry: true", code: .providerRejected),
    ]

    @Test("asks again, after the pause that was asked for, and gives the answer", arguments: passing)
    func passes(refusal: Refusal) async throws {
        let pauses = Pauses()
        try await withOpenAI(
            { connection in
                _ = try await connection.request()
                if connection.number == 1 {
                    try await connection.respond(refusal.status, headers: refusal.headers, body: refusal.body)
                } else {
                    try await Self.answer(connection)
                }
            },
            pauses: pauses
        ) { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.fault == nil)
            #expect(answer.text == "Olá")
            #expect(answer.usages.count == 1)
            #expect(connections() == 2)
            let pause = try #require(pauses.all.first)
            #expect(pauses.all.count == 1)
            #expect(answer.events.first == .retrying(attempt: 2, after: pause))
            if let expected = refusal.pause { #expect(pause == expected) }
        }
    }

    @Test("gives up after three attempts")
    func givesUp() async throws {
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.respond("503 Service Unavailable")
        } _: { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.fault?.code == .providerOverloaded)
            #expect(connections() == 3)
        }
    }

    @Test("asks again when the stream fails before its first delta")
    func failsEarly() async throws {
        try await withOpenAI { connection in
            _ = try await connection.request()
            guard connection.number == 1 else { return try await Self.answer(connection) }
            var stream = ResponsesStream()
            stream.begin()
            stream.add("error", [("code", "rate_limit_exceeded"), ("message", "Slow down."), ("param", nil)])
            try await connection.sendStreamHead()
            try await connection.sendChunk(stream.text.utf8)
            await connection.waitForClose()
        } _: { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.text == "Olá")
            #expect(answer.usages.count == 1)
            #expect(connections() == 2)
        }
    }

    @Test("a request whose response was lost is not sent again")
    func lost() async throws {
        try await withOpenAI { connection in
            _ = try await connection.request()
        } _: { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.fault?.code == .providerUnavailable)
            #expect(connections() == 1)
        }
    }

    @Test("a provider that does not begin to answer in time is unavailable, and is asked once")
    func slowHead() async throws {
        let (closes, closed) = AsyncStream.makeStream(of: Void.self)
        try await withOpenAI(
            { connection in
                _ = try await connection.request()
                await connection.waitForClose()
                closed.yield()
            },
            timeouts: ProviderTimeouts(responseHead: .seconds(1))
        ) { provider, connections in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.fault?.code == .providerUnavailable)
            for await _ in closes { break }
            #expect(connections() == 1)
        }
    }

    @Test("a provider that falls silent in the middle is cut off")
    func slowBody() async throws {
        let (closes, closed) = AsyncStream.makeStream(of: Void.self)
        try await withOpenAI(
            { connection in
                _ = try await connection.request()
                var stream = ResponsesStream()
                stream.begin()
                stream.delta("Olá")
                try await connection.sendStreamHead()
                try await connection.sendChunk(stream.text.utf8)
                await connection.waitForClose()
                closed.yield()
            },
            timeouts: ProviderTimeouts(idle: .seconds(3))
        ) { provider, _ in
            let answer = try await ReadAnswer(provider.stream(.example()))
            #expect(answer.text == "Olá")
            #expect(answer.fault?.code == .providerStreamTruncated)
            #expect(answer.usages.map(\.isEstimated) == [true])
            for await _ in closes { break }
        }
    }

    @Test("a provider that cannot be reached is tried three times", arguments: ["127.0.0.1", "localhost"])
    func unreachable(host: String) async throws {
        let pauses = Pauses()
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: ProviderTimeouts().clientConfiguration()
        )
        // A port that was free a moment ago.
        let port = try await LocalServer.run({ _ in }) { $0.port }
        let provider = OpenAIProvider(
            OpenAIConfiguration(baseURL: "http://\(host):\(port)/v1", key: Redacted("sk-secret")),
            client: client,
            pause: { pauses.record($0) }
        )
        let answer = try await ReadAnswer(provider.stream(.example()))
        try await client.shutdown()
        #expect(answer.fault?.code == .providerUnavailable)
        #expect(pauses.all.count == 2, "\(String(reflecting: answer.fault))")
    }

    @Test("neither the key nor what the provider says of it gets into a description")
    func secrecy() async throws {
        try await withOpenAI { connection in
            _ = try await connection.request()
            try await connection.respond(
                "401 Unauthorized",
                headers: "X-Request-Id: req_1",
                body: #"{"error":{"message":"Incorrect API key: sk-se**et","type":"t","code":"invalid_api_key"}}"#
            )
        } _: { provider, _ in
            let fault = try #require(try await ReadAnswer(provider.stream(.example())).fault)
            let cause = try #require(fault.cause as? ProviderFailure)
            #expect(cause.description == "openai: 401, invalid_api_key, request req_1")
            #expect(!String(reflecting: fault).contains("sk-"))
            #expect(!String(reflecting: provider.configuration).contains("sk-"))
        }
    }
}
