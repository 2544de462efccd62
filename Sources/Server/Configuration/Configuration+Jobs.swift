extension Configuration {
    /// By which processes jobs are done.
    struct JobsConfiguration: Sendable {
        /// Whether whoever serves the API does jobs too.
        let areServed: Bool
        let workPort: Int
        let lease: Duration

        init(from reader: inout EnvironmentReader) {
            areServed = reader.boolean(
                "SERVE_JOBS",
                default: true,
                "false has `agentes serve` do no jobs: they wait until an `agentes work` does them."
            )
            workPort = reader.integer(
                "WORK_PORT",
                default: 8001,
                in: 0...65_535,
                "TCP port on which `agentes work` answers /health, /ready and /metrics; 0 takes a free one."
            )
            lease = .seconds(
                reader.integer(
                    "JOB_LEASE_SECONDS",
                    default: 30,
                    in: 5...300,
                    """
                    How long a job stays with a process of which nothing is heard; another does it a sixth of that later at \
                    most. The same for all processes.
                    """
                )
            )
        }
    }
}
