internal import FoundationEssentials
internal import Glibc
internal import Postgres
internal import Primitives
internal import Subprocess
internal import Synchronization
internal import TestSupport

/// A Postgres cluster of a test's own, which it may freeze and crash; behind a PgBouncer of its own in runs through one.
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
        let pooler = TestServer.isPooled ? try postgres.startPooler() : nil
        defer { if let pooler { Self.end(pooler.process, SIGKILL) } }
        return try await TestServer.$own.withValue(url) {
            try await TestServer.$ownPooler.withValue(pooler?.url) { try await body(postgres) }
        }
    }

    /// Connections of each role that PgBouncer has to the server.
    static let poolerSize = 4

    /// As `ops/lib/pgbouncer.sh` does it, but that a server which was away is soon looked for again, and that nobody waits
    /// for it for the two minutes of the default (`DATABASE_BEHIND_POOLER` says so to operators).
    private func startPooler() throws -> (url: String, process: pid_t) {
        let port = try TestRedisServer.freePort()
        let users = [PostgresRole.app, .worker].map {
            "\"\($0.rawValue)\" \"\(TestServer.password(of: $0).exposed)\"\n"
        }.joined()
        let settings = """
            [databases]
            * = host=127.0.0.1 port=\(self.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = \(directory)/pooler.users
            pool_mode = transaction
            default_pool_size = \(Self.poolerSize)
            server_login_retry = 1
            query_wait_timeout = 5
            """
        try users.write(toFile: directory + "/pooler.users", atomically: false, encoding: .utf8)
        try settings.write(toFile: directory + "/pooler.ini", atomically: false, encoding: .utf8)
        let words = Self.unprivileged + ["/usr/sbin/pgbouncer", directory + "/pooler.ini"]
        return ("postgres://127.0.0.1:\(port)", try spawn(words))
    }

    private init(directory: String, port: Int) {
        self.directory = directory
        self.port = port
    }

    private var data: String { directory + "/data" }

    /// The words before a command that must not run as root.
    private static var unprivileged: [String] {
        getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    }

    private func command(_ program: String, _ arguments: [String]) throws -> [String] {
        Self.unprivileged + [try testVariable("TEST_POSTGRES_PROGRAMS") + "/" + program] + arguments
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
        let process = try spawn(command("postgres", options))
        postmaster.withLock { $0 = process }
    }

    /// A process that writes to the folder's log.
    private func spawn(_ words: [String]) throws -> pid_t {
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, directory + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o666)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var id: pid_t = 0
        guard posix_spawnp(&id, words[0], &actions, nil, &arguments, environ) == 0 else {
            throw ProgramFailure("\(words[0]) does not start")
        }
        return id
    }

    private static func end(_ process: pid_t, _ signal: Int32) {
        kill(process, signal)
        waitpid(process, nil, 0)
    }

    /// Immediate shutdown, as if it had crashed: open transactions are lost, the next start recovers.
    func crash() {
        guard let id = postmaster.withLock({ $0 }) else { return }
        Self.end(id, SIGQUIT)
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
