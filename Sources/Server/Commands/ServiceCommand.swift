internal import ArgumentParser
internal import Logging
internal import Metrics
internal import ServiceLifecycle
internal import UnixSignals

/// A command that runs services until SIGTERM or SIGINT, lets them end gracefully, and ends with 0.
protocol ServiceCommand: AsyncParsableCommand {
    static func services(
        _ configuration: Configuration,
        registry: PrometheusRegistry,
        logger: Logger
    ) async throws -> [any Service]
}

extension ServiceCommand {
    func run() async throws {
        let configuration = try Configuration(environment: processEnvironment())
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let errors = ErrorTracker(sentry: configuration.sentry)
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: configuration.logLevel, errors: errors) }
        let logger = Logger(label: "agentes")
        do {
            try await errors.watching(logger) {
                let group = ServiceGroup(
                    configuration: ServiceGroupConfiguration(
                        services: try await Self.services(configuration, registry: registry, logger: logger),
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
