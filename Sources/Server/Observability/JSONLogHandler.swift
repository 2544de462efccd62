internal import Glibc
internal import Logging
internal import Primitives
internal import Synchronization

/// One JSON object a line on standard output: `timestamp, level, logger, message`, then the metadata.
///
/// An event's error becomes `error`, in words that have no value in them; at level debug `error_debug` says all. A
/// failure of ours gets its code, place and fingerprint from the tracker.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private var printedLevel: Logger.Level
    private let label: String
    private let errors: ErrorTracker

    init(label: String, level: Logger.Level, errors: ErrorTracker = ErrorTracker()) {
        self.label = label
        self.errors = errors
        printedLevel = level
    }

    /// Failures count whether or not they are printed.
    var logLevel: Logger.Level {
        get { min(printedLevel, .warning) }
        set { printedLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let error = event.error else {
            if event.level >= printedLevel { write(event, event.metadata ?? [:]) }
            return
        }
        var all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        if let signature = ErrorSignature(event) {
            guard let told = errors.admit(signature, event, logger: label, metadata: all) else { return }
            all.merge(told.metadata) { _, new in new }
        }
        all["error"] = "\(error.plainText.prefix(500))"
        if printedLevel <= .debug { all["error_debug"] = "\(String(reflecting: error).prefix(4000))" }
        if event.level >= printedLevel { write(event, all) }
    }

    /// - Parameter own: The event's metadata, which stand before the logger's.
    private func write(_ event: LogEvent, _ own: Logger.Metadata) {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("timestamp") { $0.value(WallClock.system.now()) }
            writer.member("level", event.level.rawValue)
            writer.member("logger", label)
            writer.member("message", event.message.description)
            for (key, value) in metadata where own[key] == nil { writer.member(key, value.description) }
            for (key, value) in own { writer.member(key, value.description) }
            if event.level >= .error { writer.member("source", "\(event.file):\(event.line)") }
        }
        var line = writer.bytes
        line.append(UInt8(ascii: "\n"))
        Self.output.withLock { _ in
            line.withUnsafeBytes { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                    guard written > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                }
            }
        }
    }

    /// Lines longer than a pipe's atomic write must not mix.
    private static let output = Mutex(())
}

extension Error {
    /// The description, of a fault with what it came of.
    fileprivate var plainText: String {
        guard let fault = self as? Fault, let cause = fault.cause else { return "\(self)" }
        return "\(fault): \(cause.plainText)"
    }
}
