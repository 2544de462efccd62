internal import ArgumentParser
internal import Logging
internal import Metrics
internal import ServiceLifecycle
internal import UnixSignals

/// Serves the API until SIGTERM or SIGINT; then running answers finish and the process ends with 0.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the API.")

    func run() async throws {
        let configuration = try Configuration(environment: processEnvironment())
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let errors = ErrorTracker(sentry: configuration.sentry)
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: configuration.logLevel, errors: errors) }
        let logger = Logger(label: "agentes")
        do {
            try await errors.watching(logger) {
                let house = try await House(configuration, registry: registry, logger: logger)
                let group = ServiceGroup(
                    configuration: ServiceGroupConfiguration(
                        services: house.services,
                        gracefulShutdownSignals: [.sigterm, .sigint],
                        logger: logger
                    )
                )
                try await group.run()
            }
        } catch {
            // Why is in the log.
            throw ExitCode.failure
        }
    }
}
