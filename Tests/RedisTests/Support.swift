internal import Foundation
internal import Logging
internal import Redis
internal import TestSupport

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension TestRedisServer {
    var configuration: RedisConfiguration {
        get throws { try configuration(user: "") }
    }

    /// - Parameter user: What a URL has before the host: `user:password@`.
    func configuration(user: String) throws -> RedisConfiguration {
        try TestRedis.configuration(url: "redis://\(user)127.0.0.1:\(port)")
    }
}

extension RedisClient {
    /// Waits until a connection of this client's server is blocked in a command such as BLPOP.
    func waitUntilBlocked() async throws {
        try await TestRedis.withClient(configuration) { observer in
            while true {
                let clients = try await observer.send(RedisCommand("INFO", ["clients"])).bytes
                if String(decoding: clients, as: UTF8.self).contains("blocked_clients:1") { return }
            }
        }
    }
}

/// A certificate for 127.0.0.1 that signed itself, made by the openssl command.
final class TestCertificate {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", certificateFile,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestRedis.Unusable(description: "openssl made no certificate")
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    var keyFile: String { directory.appending(path: "key.pem").path }
    var certificateFile: String { directory.appending(path: "certificate.pem").path }
}
