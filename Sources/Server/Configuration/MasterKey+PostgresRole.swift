internal import Postgres
internal import Primitives
internal import Secrets

extension MasterKey {
    /// With which `serve` connects as one of our roles.
    func password(of role: PostgresRole) -> Redacted<String> {
        Redacted(password(for: "postgres role \(role.rawValue)"))
    }
}
