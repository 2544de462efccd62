internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Outbound
internal import Primitives
internal import Subprocess
internal import TestSupport
internal import Testing

/// Where this machine itself cannot be a target, as in production.
@Suite("An address that a customer types for a webhook", .timeLimit(.minutes(4)))
struct WebhookTargetTests {
    private static let settings = ["OUTBOUND_ALLOW_LOOPBACK": "false"]
    /// Loopback too, and nobody else's, one for each test: a port that anybody may type is free there.
    private static let loopback = ["127.83.12.7", "127.83.12.8"]
    /// Nobody's any more, and not in the table: a connection fails.
    private static let unreachable = "3ffe:ffff::1"

    @Test("is refused when it is typed where nobody may call it, in any spelling, with the field and the reason")
    func typed() async throws {
        try await Program.deployed(Self.settings) { program in
            try await program.serving { server in
                let admin = TestOrganization(server).admin
                let id = try await admin.post("/api/v2/webhooks", Shop.webhook).id(201)
                let path = "/api/v2/webhooks/\(id)"
                for (url, problem) in HostileTargets.refused {
                    let (whole, change): (JSON, JSON) = (
                        ["name": "ERP", "url": .string(url)], ["url": .string(url)]
                    )
                    for refused in [
                        try await admin.post("/api/v2/webhooks", whole), try await admin.put(path, whole),
                        try await admin.patch(path, change),
                    ] {
                        #expect(refused.status == 422 && refused.problemFields == ["url"], "\(url): \(refused)")
                        // Whatever holds no address at all, the field's own bounds refuse first.
                        guard problem == .blockedAddress || problem == .spelling || problem == .reservedName else {
                            continue
                        }
                        #expect(refused.text.contains(problem.text.portuguese), "\(url): \(refused)")
                    }
                }
                let kept = try await admin.get("/api/v2/webhooks").json
                #expect(kept?["count"] == 1 && kept?["data"]?.array?.first?["url"] == Shop.webhook["url"])
            }
        }
    }

    @Test("is taken where it is a name, and no attempt leaves the machine where the name leads to a blocked address")
    func names() async throws {
        let loopback = Self.loopback[0]
        try await LocalServer.run(at: loopback, port: 8443) { listener in
            let blocked = HostileTargets.blockedAddresses + HostileTargets.loopbackAddresses
            let answers =
                blocked + [
                    loopback, "::ffff:\(loopback)", "\(Self.unreachable),\(loopback)",
                    "\(loopback),\(Self.unreachable)",
                ]
            try await Self.serving(answers) { server in
                for start in stride(from: 0, to: answers.count, by: 40) {
                    let organization = TestOrganization(server)
                    var tests: [(answer: String, path: String)] = []
                    for place in start..<min(start + 40, answers.count) {
                        tests.append((answers[place], try await organization.test(Self.name(place))))
                    }
                    for test in tests {
                        let attempts = try await organization.attempts(1, of: test.path)
                        #expect(attempts.map { $0["error"] } == ["address_blocked"], "\(test.answer)")
                        #expect(attempts.map { $0["response"] } == [.null], "\(test.answer)")
                    }
                }
            }
            try await Self.expectNobody(at: listener)
        }
    }

    @Test("is looked up at each attempt: a name that changes its address in between gains nothing")
    func rebinding() async throws {
        let loopback = Self.loopback[1]
        try await LocalServer.run(at: loopback, port: 8443) { listener in
            try await Self.serving(["\(Self.unreachable)|\(loopback)"]) { server in
                let organization = TestOrganization(server)
                let path = try await organization.test(Self.name(0))
                #expect(try await organization.attempts(1, of: path).map { $0["error"] } == ["connect_failed"])
                _ = try await organization.admin.post("\(path)/redeliver", [:]).data(202)
                let attempts = try await organization.attempts(2, of: path)
                #expect(attempts.map { $0["error"] } == ["address_blocked", "connect_failed"])
            }
            try await Self.expectNobody(at: listener)
        }
    }

    private static func name(_ number: Int) -> String { "n\(number).exemplo.com.br" }

    /// A server to which the names have these addresses, in their order.
    private static func serving(
        _ answers: [String],
        _ body: @Sendable (RunningServer) async throws -> Void
    ) async throws {
        let library = FileManager.default.temporaryDirectory.appending(path: "scripted-names-\(UUID()).so").path
        defer { try? FileManager.default.removeItem(atPath: library) }
        let source = Program.root.appending(path: "Tests/ScriptedNames/ScriptedNames.c").path
        let compiled = try await Subprocess.run(
            .name("clang"),
            arguments: ["-shared", "-fPIC", "-o", library, source],
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        guard compiled.terminationStatus.isSuccess else { throw ProgramFailure("clang: \(compiled.standardError)") }
        let names = answers.enumerated().map { "\(name($0.offset))=\($0.element)" }.joined(separator: " ")
        try await Program.deployed(settings) { program in
            try await program.serving(["LD_PRELOAD": library, "SCRIPTED_NAMES": names]) { try await body($0) }
        }
    }

    /// The first to come is this test: the listener does listen.
    private static func expectNobody(at listener: LocalServer) async throws {
        #expect(listener.accepted == 0)
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ClientBootstrap(group: group).connect(host: listener.address, port: listener.port).get()
        try await until { listener.accepted == 1 }
        try await channel.close()
    }
}

extension TestOrganization {
    /// Sends a test to a new webhook at this host; the path of its delivery.
    fileprivate func test(_ host: String) async throws -> String {
        let body: JSON = ["name": "ERP", "url": .string("https://\(host):8443/")]
        let path = "/api/v2/webhooks/\(try await admin.post("/api/v2/webhooks", body).id(201))"
        return "\(path)/deliveries/\(try await admin.post("\(path)/test", [:]).id(202))"
    }

    /// A delivery's attempts, newest first, once so many of them are over.
    fileprivate func attempts(_ count: Int, of path: String) async throws -> [JSON] {
        try await poll("\(count) attempts are over") {
            let attempts = try await admin.get(path).data()["attempts"]?.array ?? []
            return attempts.count == count && attempts.first?["outcome"] != "unknown" ? attempts : nil
        }
    }
}
