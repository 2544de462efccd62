internal import Foundation

/// A certificate that signed itself, made by the openssl command.
package final class TestCertificate: Sendable {
    private let directory: URL

    /// - Parameter subject: as openssl writes it: `IP:127.0.0.1`, `DNS:loja.test`, or several with commas.
    package init(_ subject: String = "IP:127.0.0.1") throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", "subjectAltName=\(subject)", "-keyout", keyFile, "-out", certificateFile,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotMade() }
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    package struct NotMade: Error {}

    package var keyFile: String { directory.appending(path: "key.pem").path }
    package var certificateFile: String { directory.appending(path: "certificate.pem").path }

    /// The certificate in PEM.
    package var pem: [UInt8] { get throws { Array(try Data(contentsOf: URL(filePath: certificateFile))) } }
}
