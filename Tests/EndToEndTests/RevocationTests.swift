internal import Auth
internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// Two server processes on one database: what is told to one counts on both, although the token is valid for an hour.
@Suite("Revoked access")
struct RevocationTests {
    private static let settings = ["LOCAL_PROVIDER_PACE_MS": "1000", "SHUTDOWN_GRACE_SECONDS": "1"]

    @Test(
        "is refused on every server; its streams and answers end, and nobody else's",
        .timeLimit(.minutes(5)),
        arguments: Revoked.allCases
    )
    func revoked(_ revoked: Revoked) async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                try await Scene(first, second, watch).isClosed(by: revoked)
            }
        }
    }

    @Test("is refused as well while Redis is away")
    func withoutRedis() async throws {
        let redis = try TestRedisServer()
        try await Self.onTwoServers(["REDIS_URL": "redis://127.0.0.1:\(redis.port)"]) { first, second in
            try await StreamWatch.during { watch in
                let scene = try await Scene(first, second, watch)
                redis.kill()
                try await scene.isClosed(by: .membership)
            }
        }
    }

    @Test("comes back at once with a new membership, a lifted ban and an activated organisation")
    func restored() async throws {
        try await Self.onTwoServers { first, second in
            let organization = TestOrganization(first)
            let clients = [organization.at(first), organization.at(second)]
            func statuses() async throws -> [Int] {
                var statuses: [Int] = []
                for client in clients { statuses.append(try await client.get("/api/v2/agents").status) }
                return statuses
            }
            func isRefused() async throws {
                try await poll("403 from both", within: .seconds(25)) { try await statuses() == [403, 403] ? () : nil }
            }
            #expect(try await statuses() == [200, 200])
            try await organization.deliver(.membership(.deleted, organization.membership(1), at: .now))
            try await isRefused()
            try await organization.deliver(.membership(.created, organization.membership(2), at: .now))
            #expect(try await statuses() == [200, 200])
            try await organization.deliver(.user(.updated, .admin(isBanned: true), at: .now))
            try await isRefused()
            try await organization.deliver(.user(.updated, .admin(isBanned: false), at: .now))
            #expect(try await statuses() == [200, 200])
            _ = try await first.program.output(of: ["admin", "suspend", organization.clerkID])
            try await isRefused()
            _ = try await first.program.output(of: ["admin", "activate", organization.clerkID])
            #expect(try await statuses() == [200, 200])
        }
    }

    @Test("of an API key ends with the key, and with whoever made it", arguments: [true, false])
    func key(isRevokedItself: Bool) async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(first)
                let agentID = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                let key = try await organization.createKey()
                let other = try await organization.createKey(by: "user_other")
                let clients = { (key: TestKey) in
                    [APIClient(first, token: key.secret), APIClient(second, token: key.secret)]
                }
                let caller = try await Person(clients(key), agentID, watch)
                let bystander = try await Person(clients(other), agentID, watch)
                if isRevokedItself {
                    _ = try await organization.admin.delete("/api/v2/api-keys/\(key.id)").data()
                } else {
                    try await Revoked.membership.happen(to: organization)
                }
                let code = isRevokedItself ? "401 api_key_revoked" : "403 api_key_creator_removed"
                try await caller.isClosed(refusedWith: code)
                try await bystander.isOpen()
            }
        }
    }

    @Test("of one session ends with it; another session of the same person goes on")
    func session() async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(first)
                let ended = APIClient(second, token: organization.token(session: "sess_1"))
                let other = APIClient(second, token: organization.token(session: "sess_2"))
                let (endedStream, otherStream) = try await (watch.dashboard(ended), watch.dashboard(other))
                try await organization.deliver(.session(.revoked, "sess_1", of: "user_admin", at: .now))
                try await poll("the stream is closed", within: .seconds(25)) { endedStream.hasEnded ? () : nil }
                let refusal = try await ended.get("/api/v2/agents")
                #expect(refusal.status == 401 && refusal.errorCode == "session_ended")
                #expect(try await other.get("/api/v2/agents").status == 200)
                #expect(!otherStream.hasEnded)
            }
        }
    }

    private static func onTwoServers(
        _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (RunningServer, RunningServer) async throws -> Void
    ) async throws {
        try await Program.deployed(self.settings.merging(settings) { _, new in new }) { program in
            try await program.serving { first in
                try await program.serving { second in try await body(first, second) }
            }
        }
    }
}

/// Why somebody may no longer come in.
enum Revoked: String, CaseIterable, Sendable {
    case membership, bannedUser, deletedUser, deletedOrganization, suspendedOrganization

    /// With which its tokens are refused.
    var code: String {
        switch self {
        case .membership: "membership_removed"
        case .bannedUser: "user_banned"
        case .deletedUser: "user_deleted"
        case .deletedOrganization: "organization_deleted"
        case .suspendedOrganization: "organization_suspended"
        }
    }

    var concernsColleagues: Bool { self == .deletedOrganization || self == .suspendedOrganization }

    /// Happens, as far as the first server is told; suspension is told to none.
    func happen(to organization: TestOrganization) async throws {
        switch self {
        case .membership:
            try await organization.deliver(.membership(.deleted, organization.membership(1), at: .now))
        case .bannedUser:
            try await organization.deliver(.user(.updated, .admin(isBanned: true), at: .now))
        case .deletedUser:
            try await organization.deliver(.user(.deleted, .admin(), at: .now))
        case .deletedOrganization:
            try await organization.deliver(.organization(.deleted, organization.clerk, at: .now))
        case .suspendedOrganization:
            _ = try await organization.server.program.output(of: ["admin", "suspend", organization.clerkID])
        }
    }
}

/// Somebody with a dashboard and a long answer on each of several servers.
private struct Person: Sendable {
    let clients: [APIClient]
    let agentID: String
    let dashboards: [WatchedStream]
    let chats: [WatchedStream]

    init(_ clients: [APIClient], _ agentID: String, _ watch: StreamWatch) async throws {
        self.clients = clients
        self.agentID = agentID
        var (dashboards, chats): ([WatchedStream], [WatchedStream]) = ([], [])
        for client in clients {
            dashboards.append(try await watch.dashboard(client))
            chats.append(try await watch.chat(client, agentID, .minutesOfWords))
        }
        self.dashboards = dashboards
        self.chats = chats
    }

    /// Everything of theirs is refused and ends; an answer says so once.
    func isClosed(refusedWith refusal: String) async throws {
        for client in clients {
            for path in ["/api/v2/agents", "/api/v2/events/dashboard"] {
                let refused = try await poll("\(path) is refused", within: .seconds(25)) {
                    let answer = try await client.get(path)
                    return answer.status == 200 ? nil : answer
                }
                #expect("\(refused.status) \(refused.errorCode ?? "?")" == refusal)
            }
        }
        for stream in dashboards + chats {
            try await poll("the stream is closed", within: .seconds(25)) { stream.hasEnded ? () : nil }
        }
        for chat in chats {
            let terminal = chat.frames.filter { ["done", "error"].contains($0.json?["event"]?.string) }
            #expect(terminal.count == 1 && terminal.first == chat.frames.last { $0.data != nil })
            #expect(terminal.first?.json?["data"]?["code"] == "access_revoked")
        }
    }

    /// Everything of theirs is there and goes on.
    func isOpen() async throws {
        let words = chats.map { $0.count(of: "answer") }
        let told = dashboards.map { $0.count(of: "message_received") }
        for client in clients { _ = try await client.openChat(agentID, "Oi") }
        for (index, chat) in chats.enumerated() {
            try await poll("the answer goes on") {
                chat.count(of: "answer") > words[index] || chat.count(of: "done") > 0 ? () : nil
            }
            #expect(chat.count(of: "error") == 0)
        }
        for (index, dashboard) in dashboards.enumerated() {
            try await poll("the dashboard tells what happens") {
                dashboard.count(of: "message_received") > told[index] ? () : nil
            }
        }
    }
}

/// Somebody, a colleague and a stranger on two servers.
private struct Scene: Sendable {
    let organization: TestOrganization
    let somebody: Person
    let colleague: Person
    let stranger: Person

    init(_ first: RunningServer, _ second: RunningServer, _ watch: StreamWatch) async throws {
        organization = TestOrganization(first)
        let other = TestOrganization(first)
        let agentID = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let otherAgentID = try await other.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        somebody = try await Person([organization.at(first), organization.at(second)], agentID, watch)
        colleague = try await Person(
            [organization.member(at: first), organization.member(at: second)],
            agentID,
            watch
        )
        stranger = try await Person([other.member(at: first), other.member(at: second)], otherAgentID, watch)
    }

    func isClosed(by revoked: Revoked) async throws {
        try await revoked.happen(to: organization)
        let (concerned, others) =
            revoked.concernsColleagues ? ([somebody, colleague], [stranger]) : ([somebody], [colleague, stranger])
        for person in concerned { try await person.isClosed(refusedWith: "403 \(revoked.code)") }
        for person in others { try await person.isOpen() }
        let runs = try await organization.server.program.database.administrator.query(
            SelectFailedRuns(tenantID: organization.tenantID)
        )
        #expect(runs == Array(repeating: "access_revoked true", count: concerned.count * 2))
    }
}

/// The codes of failed runs, and whether what they spent was kept.
private struct SelectFailedRuns: Statement {
    static let sql = """
        SELECT error_code || ' ' || (output_tokens > 0)::text FROM agents.run WHERE tenant_id = $1 AND state = 'failed'
        """
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

extension Timestamp {
    fileprivate static var now: Timestamp { WallClock.system.now() }
}

extension DevelopmentEvent.User {
    fileprivate static func admin(isBanned: Bool = false) -> Self {
        .init(id: "user_admin", isBanned: isBanned, updatedAt: .now)
    }
}
