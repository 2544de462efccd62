internal import API
internal import ArgumentParser
internal import Logging
internal import ServiceLifecycle

/// Does jobs, and nothing else; told to end, running jobs finish or are given back.
///
/// Health and metrics are on a port of its own, up to the end.
struct Work: ServiceCommand {
    static let configuration = CommandConfiguration(abstract: "Do jobs, apart from serving the API.")

    /// Whoever watches needs few.
    private static let connections = 64

    static func services(
        _ configuration: Configuration,
        registry: PrometheusRegistry,
        logger: Logger
    ) async throws -> [any Service] {
        let groundwork = try await Groundwork(configuration, logger: logger)
        let workshop = try Workshop(groundwork)
        let drain = DrainSwitch()
        let http = httpService(
            API.statusResponder(groundwork.status(registry), limiter: groundwork.limiter, drain: drain),
            host: configuration.host,
            port: configuration.jobs.workPort,
            connections: connections,
            logger: logger
        )
        return groundwork.services + [http] + workshop.services + [
            DrainService(drain: drain, jobs: workshop.jobs)
        ]
    }
}
