internal import Glibc
internal import Primitives
internal import Subprocess
internal import SystemPackage

/// The converter of documents, as a process of its own that can touch no file, has little memory and little time.
public struct Pandoc: Sendable {
    private let executable: String
    private let timeout: Duration
    private let memory: Int

    /// Bytes that a page may become.
    private static let outputLimit = 32 << 20

    /// - Parameters:
    ///   - executable: its name; it is looked for in the system's folders.
    ///   - timeout: of one document; then it is killed.
    ///   - memory: MiB of its heap; beyond that it ends itself.
    public init(executable: String = "pandoc", timeout: Duration = .seconds(60), memory: Int = 512) {
        self.executable = executable
        self.timeout = timeout
        self.memory = memory
    }

    /// - Throws: `document_not_convertible`, `document_converter_missing`; `CancellationError`.
    func markdown(fromHTML html: [UInt8]) async throws -> [UInt8] {
        do {
            // A document may keep the converter busy for ever; a cancelled run kills its process.
            return try await withDeadline(timeout) { try await run(input: html) }
        } catch is DeadlinePassed {
            throw Fault.documentNotConvertible(cause: Failure.timedOut)
        }
    }

    private func run(input: [UInt8]) async throws -> [UInt8] {
        let result: ExecutionResult<Void, BytesOutput, BytesOutput>
        do {
            let file = try FileDescriptor.anonymousFile(containing: input)
            result = try await Subprocess.run(
                .name(executable),
                arguments: [
                    "+RTS", "-M\(memory)m", "-RTS", "--sandbox", "--wrap=none",
                    "--from=html-native_divs-native_spans", "--to=gfm-raw_html",
                ],
                // Nothing of ours: the server's environment has its secrets.
                environment: .custom([
                    "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent",
                ]),
                input: .fileDescriptor(file, closeAfterSpawningProcess: true),
                output: .bytes(limit: Self.outputLimit),
                error: .bytes(limit: 64 << 10)
            )
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw Fault.documentConverterMissing(cause: error)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw Fault.documentNotConvertible(cause: error)
        }
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else {
            let message = String(decoding: result.standardError.prefix(500), as: UTF8.self)
            throw Fault.documentNotConvertible(cause: Failure.ended(result.terminationStatus.description, message))
        }
        return result.standardOutput
    }

    private enum Failure: Error {
        case timedOut
        case ended(String, String)
    }
}

extension FileDescriptor {
    /// A temporary file that only this descriptor reaches, open at its beginning.
    ///
    /// Not a pipe: a converter that ends before it has read its input then breaks nothing on our side.
    fileprivate static func anonymousFile(containing bytes: [UInt8]) throws -> FileDescriptor {
        // Its name is gone with the next call, so where it lies is nobody's setting.
        var path = Array("/tmp/agentes-document-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        unlink(path)
        let file = FileDescriptor(rawValue: descriptor)
        do {
            try file.writeAll(bytes)
            _ = try file.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
            return file
        } catch {
            try? file.close()
            throw error
        }
    }
}
