public import Logging
public import Primitives
internal import Synchronization

/// What only an administrator can make, before the numbered files: roles, their passwords and time-outs, the extension
/// `vector`, and what `agentes_owner` needs to own everything else.
///
/// Safe to run again and at once from several processes: it changes only what differs, and what another one changed in
/// the same moment (roles belong to the whole cluster) is looked at again.
public struct Bootstrap: Sendable {
    private let appPassword: Redacted<String>
    private let workerPassword: Redacted<String>
    private let logger: Logger

    public init(appPassword: Redacted<String>, workerPassword: Redacted<String>, logger: Logger) {
        self.appPassword = appPassword
        self.workerPassword = workerPassword
        self.logger = logger
    }

    /// - Parameter configuration: the administrator's; no superuser is needed where `vector` exists or is trusted, but
    ///   CREATEROLE and ownership of the database are.
    /// - Throws: `notPermitted`, whose `reason` is the SQL that somebody with more rights has to run.
    public func run(_ configuration: PostgresConfiguration) async throws {
        var configuration = configuration
        configuration.poolSize = 1
        configuration.usesPreparedStatements = false
        var strangers: [PostgresRole] = []
        for role in PostgresRole.logins where !(await canConnect(configuration, as: role)) { strangers.append(role) }
        try await PostgresPool.running(configuration, logger: logger) { [strangers] pool in
            var verifiers: [PostgresRole: String] = [:]
            for role in strangers { verifiers[role] = try await verifier(of: role, pool) }
            var attempts = 0
            while true {
                attempts += 1
                do {
                    return try await changeWhatDiffers(pool, verifiers)
                } catch let error as PostgresError where error.isConcurrentChange && attempts < Self.maximumAttempts {
                    try await Task.sleep(for: .milliseconds(.random(in: 10...100)))
                }
            }
        }
    }

    /// Each attempt loses only to another process that has made progress.
    private static let maximumAttempts = 20

    private func changeWhatDiffers(_ pool: PostgresPool, _ verifiers: [PostgresRole: String]) async throws {
        guard let database = try await pool.queryFirst(InspectDatabase()) else { return }
        let roles = try await pool.query(InspectRoles())
        let commands = BootstrapPlan.commands(database: database, roles: roles, verifiers: verifiers)
        for (index, command) in commands.enumerated() {
            do {
                try await pool.unsafeScript(command)
            } catch let error as PostgresError where error.sqlState == .insufficientPrivilege {
                throw PostgresError(
                    .notPermitted,
                    report: error.report,
                    reason: commands[index...].map { $0 + ";\n" }.joined(),
                    effect: .none
                )
            }
        }
    }

    private func password(of role: PostgresRole) -> Redacted<String> {
        role == .app ? appPassword : workerPassword
    }

    /// Whether the role exists and has its password; nobody but a superuser could look.
    private func canConnect(_ configuration: PostgresConfiguration, as role: PostgresRole) async -> Bool {
        var configuration = configuration
        configuration.user = role.rawValue
        configuration.password = password(of: role)
        return await LibPQConnection.canConnect(configuration)
    }

    private func verifier(of role: PostgresRole, _ pool: PostgresPool) async throws -> String {
        let verifier = Mutex<String?>(nil)
        let password = password(of: role)
        try await pool.runDirectly { connection in
            verifier.withLock { $0 = connection.passwordVerifier(password.exposed, role: role.rawValue) }
            return nil
        }
        guard let verifier = verifier.withLock({ $0 }) else {
            throw PostgresError(.protocolViolation, reason: "no SCRAM verifier", effect: .none)
        }
        return verifier
    }
}
