internal import Primitives
internal import Testing

extension Program {
    /// Runs as many servers side by side, on one database and one Redis.
    func serving<T: Sendable>(
        _ count: Int,
        _ settings: [String: String] = [:],
        running: [RunningServer] = [],
        _ body: @escaping @Sendable ([RunningServer]) async throws -> T
    ) async throws -> T {
        guard running.count < count else { return try await body(running) }
        return try await serving(settings) { server in
            try await serving(count, settings, running: running + [server], body)
        }
    }
}

/// Clients of one organisation, each somebody else, who ask as fast as they are answered over connections that stay open.
struct Crowd: Sendable {
    let clients: [APIClient]

    init(_ organization: TestOrganization, count: Int, at servers: [RunningServer]) {
        clients = (0..<count).map { number in
            APIClient(servers[number % servers.count], token: organization.token(user: "user_\(number)"))
        }
    }

    struct Answer: Sendable {
        let sent: ContinuousClock.Instant
        let received: ContinuousClock.Instant
        let isAdmitted: Bool
    }

    /// - Parameter onAdmission: called with the number of admissions so far.
    func ask(
        for duration: Duration,
        onAdmission: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> [Answer] {
        let end = ContinuousClock.now + duration
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            for client in clients { group.addTask { try await Self.ask(client) } }
            var (answers, admitted) = ([Answer](), 0)
            // Whoever was answered is as good as any other to ask next.
            var next = 0
            while let answer = try await group.next() {
                if let answer {
                    answers.append(answer)
                    if answer.isAdmitted {
                        admitted += 1
                        try await onAdmission(admitted)
                    }
                }
                if ContinuousClock.now < end {
                    let client = clients[next % clients.count]
                    next += 1
                    group.addTask { try await Self.ask(client) }
                }
            }
            return answers
        }
    }

    private static func ask(_ client: APIClient) async throws -> Answer? {
        let sent = ContinuousClock.now
        let response = try await client.get("/api/v2/models")
        guard response.status == 200 || response.errorCode == "rate_limited" else {
            throw ProgramFailure("neither admitted nor limited: \(response)")
        }
        return Answer(sent: sent, received: .now, isAdmitted: response.status == 200)
    }
}

extension [Crowd.Answer] {
    var admitted: [Crowd.Answer] { filter(\.isAdmitted) }

    /// The window in which more were admitted than a limit allows, if there is one: of each window of answers, from the
    /// earliest question to the last answer.
    func excess(over burst: Int, interval: Duration) -> String? {
        let admitted = admitted.sorted { $0.received < $1.received }
        for first in admitted.indices {
            var begin = admitted[first].sent
            for last in first..<admitted.count {
                begin = Swift.min(begin, admitted[last].sent)
                let window = begin.duration(to: admitted[last].received)
                let count = last - first + 1
                if count > burst + Int(window / interval) + 1 { return "\(count) in \(window)" }
            }
        }
        return nil
    }
}
