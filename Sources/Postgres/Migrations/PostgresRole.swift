/// The four roles of the house; they belong to the cluster, so two databases in one cluster share them.
public enum PostgresRole: String, Sendable, CaseIterable {
    /// Owns every schema and table; nobody can log in as it.
    case owner = "agentes_owner"
    /// Serves requests and jobs under one tenant at a time.
    case app = "agentes_app"
    /// Runs the loops that go over all tenants.
    case worker = "agentes_worker"
    /// Owns the functions that search by index; reads, and nobody can log in as it.
    case search = "agentes_search"

    static let logins: [PostgresRole] = [.app, .worker]

    var canLogIn: Bool { self == .app || self == .worker }

    /// Settings that its sessions begin with.
    ///
    /// No write of ours lasts over 2 s; a transaction that idles holds locks and keeps dead rows, so it ends after 10 s.
    /// The worker's rollups and partition work may take longer than a request.
    var settings: [(name: String, value: String)] {
        switch self {
        case .owner, .search: []
        case .app: [("statement_timeout", "30s"), ("idle_in_transaction_session_timeout", "10s")]
        case .worker: [("statement_timeout", "5min"), ("idle_in_transaction_session_timeout", "10s")]
        }
    }
}
