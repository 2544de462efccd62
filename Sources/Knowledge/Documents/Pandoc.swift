internal import Glibc
internal import Primitives
internal import Subprocess

/// The converter of documents, as a process of its own that can touch no file, has little memory and little time.
package struct Pandoc: Sendable {
    private let executable: String
    private let timeout: Duration
    private let memory: Int

    /// Bytes that a page may become.
    private static let outputLimit = 32 << 20

    /// - Parameters:
    ///   - executable: its name; it is looked for in the system's folders.
    ///   - timeout: of one document; then it is killed.
    ///   - memory: MiB of its heap; beyond that it ends itself.
    package init(executable: String = "pandoc", timeout: Duration = .seconds(60), memory: Int = 512) {
        self.executable = executable
        self.timeout = timeout
        self.memory = memory
    }

    /// - Throws: `document_not_convertible`, `document_converter_missing`; `CancellationError`.
    func markdown(fromHTML html: [UInt8]) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await run(input: html) }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw Fault.documentNotConvertible(cause: Failure.timedOut)
            }
            // Leaving the group cancels the other; a cancelled run kills its process.
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    /// A converter that ends before it has read its input must not end us: the write then fails with EPIPE.
    ///
    /// The signal's
    /// handling belongs to the whole process, and nothing of a server wants its default.
    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private func run(input: [UInt8]) async throws -> [UInt8] {
        Self.ignoresBrokenPipes
        let result: ExecutionResult<Void, BytesOutput, BytesOutput>
        do {
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
                input: .array(input),
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
