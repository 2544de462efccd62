internal import Logging
internal import Metrics
internal import Primitives
internal import Synchronization

/// Knows each failure of the server: any module reports one by logging it, `logger.error("…", error: error)`.
///
/// Each counts in `errors_total`; of a flood only the first are told, and the others summed up at the end of the minute.
final class ErrorTracker: Sendable {
    private let flood = Mutex(ErrorFlood())
    private let sentry: SentryClient?

    init(sentry: SentryClient? = nil) {
        self.sentry = sentry
    }

    /// - Parameters:
    ///   - logger: the logger's label.
    ///   - metadata: the logger's and the event's.
    /// - Returns: as what the event's failure is to be logged; nil where it is one too many.
    func admit(
        _ signature: ErrorSignature,
        _ event: LogEvent,
        logger: String,
        metadata: Logger.Metadata
    ) -> ErrorSignature? {
        let (signature, isTold) = flood.withLock { $0.admit(signature) }
        Counter(label: "errors_total", dimensions: [("code", signature.code), ("place", signature.place)]).increment()
        guard isTold else { return nil }
        sentry?.send(SentryEvent(signature, event, logger: logger, metadata: metadata))
        return signature
    }

    /// Runs `body`, which is the server; what it throws is logged, and what is still to be sent gets a moment.
    func watching(_ logger: Logger, _ body: () async throws -> Void) async throws {
        async let _ = sumUpEachMinute(logger)
        async let _ = sentry?.run(logger)
        var failure: (any Error)?
        do {
            try await body()
        } catch {
            logger.critical("the server cannot go on", error: error)
            failure = error
        }
        sumUp(logger)
        await sentry?.finish()
        if let failure { throw failure }
    }

    private func sumUpEachMinute(_ logger: Logger) async {
        while (try? await Task.sleep(for: .seconds(60))) != nil { sumUp(logger) }
    }

    func sumUp(_ logger: Logger) {
        for (signature, suppressed) in flood.withLock({ $0.endMinute() }) {
            logger.warning(
                "more of the same",
                metadata: signature.metadata.merging(["suppressed": "\(suppressed)"]) { $1 }
            )
        }
    }
}

extension ErrorSignature {
    var metadata: Logger.Metadata {
        ["error_code": "\(code)", "place": "\(place)", "fingerprint": "\(fingerprint)"]
    }
}
