internal import Glibc
internal import Logging
internal import Primitives
internal import Synchronization

/// One JSON object a line on standard output: `timestamp, level, logger, message`, then the metadata.
struct JSONLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let label: String

    init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("timestamp", WallClock.system.now().description)
            writer.member("level", event.level.rawValue)
            writer.member("logger", label)
            writer.member("message", event.message.description)
            let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { writer.member(key, value.description) }
            if event.level >= .error { writer.member("source", "\(event.file):\(event.line)") }
        }
        var line = writer.bytes
        line.append(UInt8(ascii: "\n"))
        Self.output.withLock { _ in
            line.withUnsafeBytes { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = write(STDOUT_FILENO, rest.baseAddress, rest.count)
                    guard written > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                }
            }
        }
    }

    /// Lines longer than a pipe's atomic write must not mix.
    private static let output = Mutex(())
}
