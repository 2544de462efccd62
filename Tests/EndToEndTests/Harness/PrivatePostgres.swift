internal import FoundationEssentials
internal import Glibc
internal import Primitives
internal import Subprocess
internal import Synchronization
internal import TestSupport

/// A Postgres cluster of a test's own, which it may freeze and crash.
final class PrivatePostgres: Sendable {
    private let directory: String
    private let port: Int
    private let postmaster = Mutex<pid_t?>(nil)

    /// Runs `body` with a new cluster, which the databases of `Program.deployed` are then in.
    static func running<T: Sendable>(_ body: @Sendable (PrivatePostgres) async throws -> T) async throws -> T {
        let directory = FileManager.default.temporaryDirectory.appending(path: "postgres-\(UUIDv7.next().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        // Postgres is another user when we are root.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
        defer { try? FileManager.default.removeItem(at: directory) }
        let postgres = PrivatePostgres(directory: directory.path, port: try TestRedisServer.freePort())
        try await postgres.makeCluster()
        try postgres.start()
        defer { postgres.crash() }
        let url = Redacted("postgres://postgres@127.0.0.1:\(postgres.port)/postgres")
        return try await TestServer.$own.withValue(url) { try await body(postgres) }
    }

    private init(directory: String, port: Int) {
        self.directory = directory
        self.port = port
    }

    private var data: String { directory + "/data" }

    /// The words of a command that must not run as root.
    private func command(_ program: String, _ arguments: [String]) throws -> [String] {
        let path = try testVariable("TEST_POSTGRES_PROGRAMS") + "/" + program
        let unprivileged = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        return (getuid() == 0 ? unprivileged : []) + [path] + arguments
    }

    private func makeCluster() async throws {
        let words = try command(
            "initdb",
            [
                "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                "--no-sync",
            ]
        )
        let result = try await Subprocess.run(
            .name(words[0]),
            arguments: Arguments(Array(words.dropFirst())),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else { throw ProgramFailure("initdb: \(result.standardError)") }
    }

    /// Starts the server; who connects tries until it listens.
    ///
    /// Commits survive its crash, not the machine's.
    func start() throws {
        let options = [
            "-D", data, "--listen_addresses=127.0.0.1", "--port=\(port)", "--unix_socket_directories=", "--fsync=off",
            "--full_page_writes=off", "--logging_collector=off", "--log_destination=stderr",
        ]
        var words = try command("postgres", options).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, directory + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o666)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var id: pid_t = 0
        guard let program = words[0], posix_spawnp(&id, program, &actions, nil, &words, environ) == 0 else {
            throw ProgramFailure("Postgres does not start")
        }
        postmaster.withLock { $0 = id }
    }

    /// Immediate shutdown, as if it had crashed: open transactions are lost, the next start recovers.
    func crash() {
        guard let id = postmaster.withLock({ $0 }) else { return }
        kill(id, SIGQUIT)
        waitpid(id, nil, 0)
        postmaster.withLock { $0 = nil }
    }

    /// Stops every process of the server where it is; the kernel goes on to accept and acknowledge for it.
    func freeze() {
        guard let id = postmaster.withLock({ $0 }) else { return }
        // First the postmaster, so that no backend is born meanwhile.
        kill(id, SIGSTOP)
        for backend in backends(of: id) { kill(backend, SIGSTOP) }
    }

    func thaw() {
        guard let id = postmaster.withLock({ $0 }) else { return }
        for backend in backends(of: id) { kill(backend, SIGCONT) }
        kill(id, SIGCONT)
    }

    private func backends(of postmaster: pid_t) -> [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { id in
            guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                // pid (name) state parent
                let fields = status.split(separator: ")").last?.split(separator: " "), fields.count > 1
            else { return false }
            return pid_t(fields[1]) == postmaster
        }
    }
}
