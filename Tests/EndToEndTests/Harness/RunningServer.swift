internal import FoundationEssentials
internal import Glibc
internal import Primitives
internal import Subprocess
internal import Synchronization
internal import Testing

/// A server process that accepts requests.
final class RunningServer: Sendable {
    let program: Program
    /// Such as `http://127.0.0.1:40123`.
    let address: String
    let log: ServerLog
    let processIdentifier: pid_t
    private let killed = Atomic(false)

    fileprivate init(program: Program, address: String, log: ServerLog, processIdentifier: pid_t) {
        self.program = program
        self.address = address
        self.log = log
        self.processIdentifier = processIdentifier
    }

    /// Ends the process without a chance to say anything (kill -9).
    func kill() {
        killed.store(true, ordering: .relaxed)
        Glibc.kill(processIdentifier, SIGKILL)
    }

    /// Asks the process to end: SIGTERM.
    func terminate() {
        Glibc.kill(processIdentifier, SIGTERM)
    }

    fileprivate var wasKilled: Bool { killed.load(ordering: .relaxed) }

    /// Returns when the process has closed its output.
    func waitUntilEnded() async {
        _ = await log.line { _ in false }
    }
}

extension Program {
    /// Runs `agentes work`, as `serving` does `agentes serve`; it answers no more than /health, /ready and /metrics.
    func working<T: Sendable>(
        _ settings: [String: String] = [:],
        allowing allowedErrors: [String] = [],
        _ body: @Sendable (RunningServer) async throws -> T
    ) async throws -> T {
        try await serving(settings, command: "work", allowing: allowedErrors, body)
    }

    /// Runs `agentes serve` on a free port, `body` when it is ready, and ends the process with SIGTERM.
    ///
    /// Afterwards it must have ended with exit code 0 unless the test killed it, its log free of errors and of secrets.
    /// - Parameters:
    ///   - settings: variables of this process alone.
    ///   - allowedErrors: texts that a line of level error may have.
    ///   - descriptors: how many files and sockets the process may have open; nil: as many as this one.
    func serving<T: Sendable>(
        _ settings: [String: String] = [:],
        command: String = "serve",
        descriptors: Int? = nil,
        allowing allowedErrors: [String] = [],
        _ body: @Sendable (RunningServer) async throws -> T
    ) async throws -> T {
        let log = ServerLog()
        let killed = Mutex(false)
        let environment = environment.merging(settings) { _, new in new }
        let result = try await Subprocess.run(
            descriptors == nil ? executable : .name("prlimit"),
            arguments: Arguments((descriptors.map { ["--nofile=\($0)", "agentes"] } ?? []) + [command]),
            environment: .custom(environment.keyed),
            input: .none,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution -> Result<T, any Error> in
            let collecting = Task {
                defer { log.end() }
                for try await line in execution.standardOutput.strings() { log.append(line) }
            }
            let result: Result<T, any Error>
            do {
                let address = try await Self.address(of: log)
                let server = RunningServer(
                    program: self,
                    address: address,
                    log: log,
                    processIdentifier: execution.processIdentifier.value
                )
                try await server.waitUntilReady()
                defer { killed.withLock { $0 = server.wasKilled } }
                result = .success(try await body(server))
            } catch {
                result = .failure(error)
            }
            // Gone already where the test killed it.
            try? execution.send(signal: .terminate)
            let impatience = Task {
                try await Task.sleep(for: .seconds(40))
                try execution.send(signal: .kill)
                Issue.record("the server did not end within 40 s of SIGTERM")
            }
            _ = await collecting.result
            impatience.cancel()
            return result
        }
        report(log, allowedErrors, failed: (try? result.closureResult.get()) == nil)
        if !killed.withLock(\.self) {
            #expect(result.terminationStatus == .exited(0), "how the server ended")
        }
        return try result.closureResult.get()
    }

    private func report(_ log: ServerLog, _ allowedErrors: [String], failed: Bool) {
        let complaints = log.complaints.filter { line in !allowedErrors.contains { line.contains($0) } }
        #expect(complaints.isEmpty, "the server complained:\n\(complaints.joined(separator: "\n"))")
        let text = log.text
        #expect(!secrets.contains { text.contains($0) }, "a secret is in the log")
        guard failed || !complaints.isEmpty else { return }
        Attachment.record(text, named: "server.log")
        if failed { Issue.record("the server's last words:\n\(log.lines.suffix(15).joined(separator: "\n"))") }
    }

    /// Reads where the server listens out of its log.
    private static func address(of log: ServerLog) async throws -> String {
        let line = await log.line { $0.contains(/listening on [^"]*:[0-9]+/) }
        guard let line, let match = line.firstMatch(of: /listening on [^"]*:([0-9]+)/) else {
            throw ProgramFailure("the server ended before it listened:\n\(log.text)")
        }
        return "http://127.0.0.1:\(match.1)"
    }
}

extension RunningServer {
    fileprivate func waitUntilReady() async throws {
        let anybody = APIClient(self)
        try await poll("/ready answers 200") {
            try await anybody.get("/ready").status == 200 ? () : nil
        }
    }
}

extension RunningServer {
    /// Memory of the process in RAM, in bytes.
    var residentMemory: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)
            guard let match = status.firstMatch(of: /VmRSS:\s*([0-9]+) kB/), let kibibytes = Int(match.1) else {
                throw ProgramFailure("the process is gone")
            }
            return kibibytes << 10
        }
    }
}

/// Asks again until there is an answer: for what is seen from outside only by looking.
/// - Throws: when there was none within the deadline.
func poll<T: Sendable>(
    _ what: String,
    within deadline: Duration = .seconds(30),
    _ look: () async throws -> T?
) async throws -> T {
    let end = ContinuousClock.now + deadline
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < end else { throw ProgramFailure("not within \(deadline): \(what)") }
        try await Task.sleep(for: .milliseconds(25))
    }
}
