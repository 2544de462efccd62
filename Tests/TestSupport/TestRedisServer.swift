internal import Foundation
internal import Synchronization

/// A Redis of a test's own, on a free port of this machine, ended with the object.
package final class TestRedisServer: Sendable {
    package let port: Int
    private let arguments: [String]
    private let directory: URL
    private let process = Mutex<pid_t?>(nil)

    /// - Parameter options: As of the configuration file: `["--requirepass", "secret"]`.
    package init(_ options: [String] = []) throws {
        port = try Self.reservedPort()
        directory = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let port = port
        let listens = options.contains("--tls-port") ? [] : ["--port", "\(port)"]
        arguments =
            ["--bind", "127.0.0.1", "--save", "", "--dir", directory.path, "--enable-debug-command", "yes"]
            + listens + options.map { $0.replacing("PORT", with: "\(port)") }
        try start()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Starts the process; who connects tries until it listens.
    package func start() throws {
        let arguments = (["redis-server", "--logfile", directory.appending(path: "log").path] + arguments)
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var id: pid_t = 0
        guard posix_spawnp(&id, "redis-server", nil, nil, &pointers, environ) == 0 else {
            throw TestRedis.Unusable(description: "redis-server is not installed")
        }
        process.withLock { $0 = id }
    }

    /// Kills it (SIGKILL) and waits for its end.
    package func kill() {
        let process = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let process else { return }
        Foundation.kill(process, SIGKILL)
        // Foundation's Process would wait in a run loop, on one of the few threads that the tests' tasks share.
        waitpid(process, nil, 0)
    }

    /// Ports below those that the kernel gives to connections and to whoever asks for any, each given out once by this
    /// process: a port that was free a moment ago may be somebody's connection by now.
    private static let nextPort = Mutex(20_000 + Int(getpid()) % 10_000)

    private static func reservedPort() throws -> Int {
        for _ in 0..<1000 {
            let candidate = nextPort.withLock { port in
                port = port >= 32_000 ? 20_000 : port + 1
                return port
            }
            if try bound(to: candidate) != nil { return candidate }
        }
        throw TestRedis.Unusable(description: "no free port")
    }

    /// A port that the kernel just called free.
    package static func freePort() throws -> Int {
        guard let port = try bound(to: 0) else { throw TestRedis.Unusable(description: "no free port") }
        return port
    }

    /// - Returns: nil where the port is taken.
    private static func bound(to port: Int) throws -> Int? {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(port).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 ? getsockname(socket, address, &length) : -1
            }
        }
        return status != 0 ? nil : Int(UInt16(bigEndian: address.sin_port))
    }
}
