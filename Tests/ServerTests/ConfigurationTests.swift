import Foundation
import Primitives
import Testing

@testable import Server

struct ConfigurationTests {
    private static let complete = [
        "DATABASE_URL": "postgresql://postgres:s3cr3t@127.0.0.1/agentes",
        "REDIS_URL": "redis://127.0.0.1:6379",
        "MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "CLERK_ISSUER": "https://clerk.example.com",
        "CLERK_AUTHORIZED_PARTIES": "https://app.example.com, https://admin.example.com",
        "CLERK_JWKS": "https://clerk.example.com/.well-known/jwks.json",
        "CLERK_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]

    @Test("A complete environment is read, with the defaults of what is not set")
    func complete() throws {
        let configuration = try Configuration(environment: Self.complete)
        #expect(configuration.environment == .production)
        #expect(configuration.port == 8000)
        #expect(configuration.clerk.authorizedParties == ["https://app.example.com", "https://admin.example.com"])
        #expect(configuration.answers.openAI.apiKey == nil)
    }

    @Test("The older name of DATABASE_URL is understood")
    func alias() throws {
        var environment = Self.complete
        environment["SUPABASE_DB_URL"] = environment.removeValue(forKey: "DATABASE_URL")
        #expect(try Configuration(environment: environment).database.url.exposed.contains("127.0.0.1"))
    }

    @Test("Webhooks to this machine itself are for development only")
    func loopback() throws {
        var environment = Self.complete
        environment["OUTBOUND_ALLOW_LOOPBACK"] = "true"
        let error = try #require(throws: ConfigurationError.self) { try Configuration(environment: environment) }
        #expect(error.problems.count == 1 && error.description.contains("OUTBOUND_ALLOW_LOOPBACK"))
        environment["ENVIRONMENT"] = "development"
        #expect(try Configuration(environment: environment).allowsLoopbackTargets)
    }

    @Test("Everything wrong is named at once, and no value is shown")
    func allProblems() throws {
        var environment = Self.complete
        environment["PORT"] = "eighty"
        environment["MASTER_KEY"] = "dG9vIHNob3J0"
        environment["CLERK_WEBHOOK_SECRET"] = "whsec_secretvalue"
        environment["REDIS_URL"] = "http://s3cr3t"
        environment["DATABASE_URL"] = nil
        environment["CLERK_ISSUER"] = ""
        environment["CLERK_JWKS"] = "/nowhere/jwks.json"
        environment["SENTRY_DSN"] = "https://sentrykey@sentry.example.com"
        let error = try #require(throws: ConfigurationError.self) { try Configuration(environment: environment) }
        let names = [
            "PORT", "MASTER_KEY", "CLERK_WEBHOOK_SECRET", "REDIS_URL", "DATABASE_URL", "CLERK_ISSUER", "CLERK_JWKS",
            "SENTRY_DSN",
        ]
        #expect(error.problems.count == names.count)
        for name in names { #expect(error.description.contains(name)) }
        for value in ["eighty", "dG9vIHNob3J0", "secretvalue", "s3cr3t", "sentrykey", "nowhere"] {
            #expect(!error.description.contains(value))
        }
    }

    @Test(".env.example says what the code reads")
    func example() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.env.example")
        #expect(try String(contentsOf: file, encoding: .utf8) == Configuration.variables.example)
    }
}
