internal import Foundation
internal import Synchronization

/// A Redis of a test's own, on a free port of this machine, ended with the object.
package final class TestRedisServer: Sendable {
    package let port: Int
    private let arguments: [String]
    private let directory: URL
    private let process = Mutex<Process?>(nil)

    /// - Parameter options: As of the configuration file: `["--requirepass", "secret"]`.
    package init(_ options: [String] = []) throws {
        let port = try Self.freePort()
        self.port = port
        directory = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
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
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["redis-server"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
    }

    /// Kills it (SIGKILL) and waits for its end.
    package func kill() {
        let process = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let process else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// A port that the kernel just called free.
    private static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 ? getsockname(socket, address, &length) : -1
            }
        }
        guard status == 0 else { throw TestRedis.Unusable(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
