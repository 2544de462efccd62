public import ArgumentParser
internal import AsyncHTTPClient
internal import Auth
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import Primitives
internal import Secrets
internal import Tenancy

/// What plays Clerk on a developer's machine.
///
/// None of it exists in production.
struct Development: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Local keys, tokens and events in Clerk's shapes; refused in production.",
        subcommands: [Keys.self, Token.self, ClerkEvent.self, EnvironmentExample.self]
    )

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make the local issuer's key pair, if there is none.")

        @Option(help: "The folder that holds the key pair and the JWKS file.")
        var directory = ".local/issuer"

        func run() async throws {
            try requireDevelopment()
            _ = try DevelopmentIssuer(
                directory: directory,
                issuer: "https://clerk.localhost",
                authorizedParty: "http://localhost"
            )
        }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a session token as Clerk would make it.")

        @Option(help: "Clerk's id of the organisation.")
        var organization = "org_demo"
        @Option(help: "The organisation's slug.")
        var slug: String?
        @Option(help: "Clerk's id of the user.")
        var user = "user_demo"
        @Option(help: "admin, member, or a role of your own.")
        var role = "admin"
        @Option(help: "A permission, such as org:agents:manage; may be given several times.")
        var permission: [String] = []
        @Option(help: "How long it is valid: 60s, 30m, 12h.")
        var ttl = "60s"
        @Option(help: "The folder that holds the key pair.")
        var directory = ".local/issuer"

        func run() async throws {
            let issuer = try developmentIssuer(directory)
            guard let lifetime = Duration(spelled: ttl) else {
                throw ValidationError("--ttl must be a number with s, m or h, such as 12h")
            }
            let session = DevelopmentSession(
                userID: user,
                organization: .init(
                    id: organization,
                    slug: slug ?? organization,
                    role: Role(rawValue: role),
                    permissions: Set(permission.map(Permission.init(rawValue:)))
                )
            )
            print(issuer.token(for: session, lifetime: lifetime))
        }
    }

    struct ClerkEvent: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post a signed event to a running server, as Clerk's webhooks do."
        )

        enum Kind: String, ExpressibleByArgument, CaseIterable {
            case organization, membership, user
        }

        @Argument(help: "organization, membership or user")
        var kind: Kind
        @Argument(help: "created, updated or deleted")
        var verb: DevelopmentEvent.Verb
        @Option(help: "Clerk's id of the organisation.")
        var organization = "org_demo"
        @Option(help: "The organisation's name.")
        var name = "Demo"
        @Option(help: "Clerk's id of the user, for a membership or the user.")
        var user = "user_demo"
        @Option(help: "The member's role.")
        var role = "admin"
        @Flag(help: "Whether the user is banned.")
        var banned = false
        @Option(help: "The server's address.")
        var server = "http://127.0.0.1:8000"
        @Option(help: "The folder that holds the key pair.")
        var directory = ".local/issuer"

        func run() async throws {
            let issuer = try developmentIssuer(directory)
            let now = WallClock.system.now()
            let subject = DevelopmentEvent.Organization(
                id: organization,
                name: name,
                slug: organization,
                updatedAt: now
            )
            let event =
                switch kind {
                case .organization: DevelopmentEvent.organization(verb, subject, at: now)
                case .membership:
                    DevelopmentEvent.membership(
                        verb,
                        .init(
                            id: "orgmem_\(organization)_\(user)",
                            userID: user,
                            role: Role(rawValue: role),
                            permissions: [],
                            organization: subject,
                            updatedAt: now
                        ),
                        at: now
                    )
                case .user: DevelopmentEvent.user(verb, .init(id: user, isBanned: banned, updatedAt: now), at: now)
                }
            let signed = event.headers(signedWith: issuer.webhookSecret, at: now)
            var request = HTTPClientRequest(url: server + "/webhooks/clerk")
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            for (name, value) in signed.fields(.svix) { request.headers.add(name: name, value: value) }
            request.body = .bytes(ByteBuffer(bytes: event.body))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 65_536)
            print("\(response.status.code) \(String(buffer: body))")
            guard response.status.code < 300 else { throw ExitCode.failure }
        }
    }

    struct EnvironmentExample: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "env-example",
            abstract: "Print .env.example: every variable with its meaning and default."
        )

        func run() async throws {
            print(Configuration.variables.example, terminator: "")
        }
    }
}

extension DevelopmentEvent.Verb: ExpressibleByArgument {}

private func requireDevelopment() throws {
    guard processEnvironment()["ENVIRONMENT"] == "development" else {
        throw ValidationError("`agentes dev` exists only where ENVIRONMENT=development")
    }
}

private func developmentIssuer(_ directory: String) throws -> DevelopmentIssuer {
    try requireDevelopment()
    let configuration = try Configuration(environment: processEnvironment())
    return try DevelopmentIssuer(
        directory: directory,
        issuer: configuration.clerk.issuer,
        authorizedParty: configuration.clerk.authorizedParties.sorted().first ?? "http://localhost"
    )
}

extension Duration {
    /// `60s`, `30m`, `12h`.
    fileprivate init?(spelled text: String) {
        guard let unit = text.last, let count = Int64(text.dropLast()), count > 0, count <= 1_000_000 else {
            return nil
        }
        switch unit {
        case "s": self = .seconds(count)
        case "m": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        default: return nil
        }
    }
}
