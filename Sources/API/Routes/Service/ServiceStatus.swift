public import Primitives

/// What the server says of itself.
public struct ServiceStatus: Sendable {
    public let version: String
    /// What the server stands on, as `/ready` tells it.
    public let dependencies: @Sendable () async -> [Dependency]
    /// The metrics in Prometheus' text format.
    public let metrics: @Sendable () -> String
    /// Reads `/metrics`; nil: only this machine may, and nothing that came through a proxy.
    public let metricsToken: Redacted<String>?

    public init(
        version: String,
        metricsToken: Redacted<String>?,
        metrics: @escaping @Sendable () -> String,
        dependencies: @escaping @Sendable () async -> [Dependency]
    ) {
        self.version = version
        self.metricsToken = metricsToken
        self.metrics = metrics
        self.dependencies = dependencies
    }

    public struct Dependency: Sendable {
        public let name: String
        public let state: State
        /// Without it no request can be answered.
        public let isEssential: Bool

        public init(name: String, isEssential: Bool, state: State) {
            self.name = name
            self.isEssential = isEssential
            self.state = state
        }

        public enum State: String, Sendable, CaseIterable {
            case ok, down
        }
    }
}
