internal import Postgres
internal import Primitives

/// In the transaction of the change.
struct InsertRevocation: Command {
    static let sql = "INSERT INTO tenancy.revocation (tenant_id, id, kind, subject) VALUES ($1, $2, $3, $4)"
    let tenantID: TenantID
    let revocation: Revocation

    var bindings: Bindings {
        let (kind, subject) = revocation.stored
        return [tenantID, RevocationID.next(), kind, subject]
    }
}

/// Of all tenants, as the worker; by the database's clock, whatever those of the processes say.
struct SelectRevocations: Statement {
    static let sql = """
        SELECT id, tenant_id, kind, subject FROM tenancy.revocation WHERE created_at > now() - interval '10 minutes'
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> StoredRevocation {
        let (id, tenantID) = (try row.read(RevocationID.self), try row.read(TenantID.self))
        let (kind, subject) = (try row.read(String.self), try row.read(String.self))
        return StoredRevocation(id: id, tenantID: tenantID, revocation: Revocation(kind: kind, subject: subject))
    }
}

struct DeleteOldRevocations: Command {
    static let sql = "DELETE FROM tenancy.revocation WHERE created_at < now() - interval '24 hours'"

    var bindings: Bindings { [] }
}

/// A session's tokens live a minute, and half a day where they are made for development.
struct DeleteOldSessions: Command {
    static let sql = "DELETE FROM tenancy.ended_session WHERE ended_at < now() - interval '24 hours'"

    var bindings: Bindings { [] }
}

extension Revocation {
    fileprivate var stored: (kind: String, subject: String) {
        switch self {
        case .organization: ("organization", "")
        case .member(let userID): ("member", userID)
        case .apiKey(let id): ("api_key", id.description)
        case .connection(let id): ("connection", id.description)
        case .user(let userID): ("user", userID)
        case .session(let sessionID): ("session", sessionID)
        }
    }

    fileprivate init?(kind: String, subject: String) {
        switch kind {
        case "organization": self = .organization
        case "member": self = .member(userID: subject)
        case "api_key":
            guard let id = APIKeyID(subject) else { return nil }
            self = .apiKey(id)
        case "connection":
            guard let id = ConnectionID(subject) else { return nil }
            self = .connection(id)
        case "user": self = .user(userID: subject)
        case "session": self = .session(sessionID: subject)
        default: return nil
        }
    }
}
