internal import ArgumentParser
internal import Logging
internal import ServiceLifecycle

/// Serves the API; told to end, running answers finish.
struct Serve: ServiceCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the API.")

    static func services(
        _ configuration: Configuration,
        registry: PrometheusRegistry,
        logger: Logger
    ) async throws -> [any Service] {
        try await House(Groundwork(configuration, logger: logger), registry: registry).services
    }
}
