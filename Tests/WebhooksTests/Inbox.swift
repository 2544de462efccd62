internal import Primitives
internal import Secrets
internal import Synchronization
internal import TestSupport

/// A receiver on this machine: keeps what it is sent, and answers as it is told.
final class Inbox: Sendable {
    struct Letter: Sendable {
        /// By lower-case name.
        let headers: [String: String]
        let body: [UInt8]

        var id: String { headers["webhook-id"] ?? "" }
        var text: String { String(decoding: body, as: UTF8.self) }

        var signed: WebhookHeaders { WebhookHeaders(.standard) { headers[$0] } }
    }

    enum Answer: Sendable {
        case status(String, [String] = [], body: String = "")
        /// Nothing comes, until the sender gives up.
        case silence
        /// The connection ends after the head of an answer whose body is promised.
        case half
        /// The body never ends.
        case endless
        /// What `hold` waits for, then 200.
        case held
    }

    let server: LocalServer
    private let state: State

    var url: String { "http://127.0.0.1:\(server.port)/webhook" }
    var letters: [Letter] { state.letters.withLock { $0 } }

    private final class State: Sendable {
        let letters = Mutex<[Letter]>([])
        let answers: Mutex<[Answer]>
        /// By the letter's id, before all others.
        let own = Mutex<[String: [Answer]]>([:])
        let release = AsyncStream.makeStream(of: Void.self)
        let arrival = AsyncStream.makeStream(of: Void.self)

        init(_ answers: [Answer]) { self.answers = Mutex(answers) }

        /// The next; the last again and again.
        func next(for id: String) -> Answer {
            if let own = own.withLock({ $0[id]?.popLast() }) { return own }
            return answers.withLock { answers in answers.count > 1 ? answers.removeFirst() : answers[0] }
        }
    }

    private init(server: LocalServer, state: State) {
        self.server = server
        self.state = state
    }

    /// From now on.
    func answer(_ answers: Answer...) { state.answers.withLock { $0 = answers } }

    /// Fails the next of this id, so many times.
    func fail(_ id: EventID, times: Int) {
        state.own.withLock { $0[id.description] = Array(repeating: .status("500 Broken"), count: times) }
    }

    /// Returns when something has come that was not waited for before.
    func arrival() async { for await _ in state.arrival.stream { return } }

    /// Lets one `held` answer go.
    func release() { state.release.continuation.yield() }

    /// A receiver for each answer.
    static func open<Result>(all answers: [Answer], while body: ([Inbox]) async throws -> Result) async throws -> Result
    {
        guard let last = answers.last else { return try await body([]) }
        return try await open(last) { inbox in
            try await open(all: answers.dropLast()) { try await body($0 + [inbox]) }
        }
    }

    static func open<Result>(
        _ answers: Answer...,
        while body: (Inbox) async throws -> Result
    ) async throws -> Result {
        let state = State(answers.isEmpty ? [.status("200 OK")] : answers)
        let script: LocalServer.Script = { connection in
            let (head, content) = try await connection.message()
            var headers: [String: String] = [:]
            for line in head.split(separator: "\r\n").dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                headers[line[..<colon].lowercased()] = String(value)
            }
            let letter = Letter(headers: headers, body: content)
            state.letters.withLock { $0.append(letter) }
            state.arrival.continuation.yield()
            try await respond(with: state.next(for: letter.id), state, &connection)
        }
        return try await LocalServer.run(script) { try await body(Inbox(server: $0, state: state)) }
    }

    private static func respond(
        with answer: Answer,
        _ state: State,
        _ connection: inout LocalServer.Connection
    ) async throws {
        switch answer {
        case .status(let status, let headers, let body):
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
            try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        case .silence: await connection.waitForClose()
        case .half: try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nmeio")
        case .endless:
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await connection.sendForever("400\r\n" + String(repeating: "x", count: 1024) + "\r\n")
        case .held:
            for await _ in state.release.stream { break }
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
    }
}
