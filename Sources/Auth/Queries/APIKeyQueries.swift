internal import Postgres
internal import Primitives
internal import Tenancy

struct InsertAPIKey: Command {
    static let sql = """
        INSERT INTO tenancy.api_key (tenant_id, id, name, prefix, key_sha256, scopes, agent_ids, requests_per_minute,
            expires_at, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """
    let tenantID: TenantID
    let key: APIKey
    let digest: [UInt8]

    var bindings: Bindings {
        [
            tenantID, key.id, key.grant.name, key.prefix, digest, key.grant.scopes.map(\.rawValue).sorted(),
            key.grant.agentIDs?.sorted(), key.grant.requestsPerMinute, key.grant.expiresAt, key.createdBy,
            key.createdAt,
        ]
    }
}

struct SelectAPIKey: Statement {
    static let sql = """
        SELECT \(APIKey.columns)
        FROM tenancy.api_key WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let id: APIKeyID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> APIKey { try APIKey(from: &row) }
}

/// A page and one row more.
struct SelectAPIKeys: Statement {
    static let sql = """
        SELECT \(APIKey.columns)
        FROM tenancy.api_key
        WHERE tenant_id = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> APIKey { try APIKey(from: &row) }
}

/// What a request with this key is admitted by.
struct SelectAPIKeyByPrefix: Statement {
    static let sql = """
        SELECT tenant_id, key_sha256, id, name, created_by, scopes, agent_ids, requests_per_minute, expires_at,
            revoked_at IS NOT NULL, last_used_at
        FROM tenancy.api_key WHERE tenant_id = $1 AND prefix = $2
        """
    let tenantID: TenantID
    let prefix: String

    var bindings: Bindings { [tenantID, prefix] }

    static func decode(_ row: inout RowReader) throws -> StoredAPIKey {
        StoredAPIKey(
            tenantID: try row.read(),
            digest: try row.read(),
            principal: Principal.Key(
                id: try row.read(),
                name: try row.read(),
                createdBy: try row.read(),
                scopes: try row.readScopes(),
                agentIDs: try row.readAgentIDs()
            ),
            requestsPerMinute: try row.read(Int?.self),
            expiresAt: try row.read(Timestamp?.self),
            isRevoked: try row.read(),
            lastUsedAt: try row.read(Timestamp?.self)
        )
    }
}

struct RevokeAPIKey: Command {
    static let sql = """
        UPDATE tenancy.api_key SET revoked_at = $3, revoked_by = $4, revoked_reason = $5
        WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL
        """
    let tenantID: TenantID
    let id: APIKeyID
    let revocation: APIKey.Revocation

    var bindings: Bindings { [tenantID, id, revocation.at, revocation.by, revocation.reason] }
}

/// Leaves a row alone that another server has written within the minute.
struct TouchAPIKey: Command {
    static let sql = """
        UPDATE tenancy.api_key SET last_used_at = $3
        WHERE tenant_id = $1 AND id = $2
            AND (last_used_at IS NULL OR last_used_at <= $3::timestamptz - interval '1 minute')
        """
    let tenantID: TenantID
    let id: APIKeyID
    let time: Timestamp

    var bindings: Bindings { [tenantID, id, time] }
}

extension APIKey {
    fileprivate static let columns = """
        id, name, prefix, scopes, agent_ids, requests_per_minute, expires_at, created_by, created_at, last_used_at,
        revoked_at, revoked_by, revoked_reason
        """

    /// From `columns`.
    fileprivate init(from row: inout RowReader) throws {
        id = try row.read()
        let name = try row.read(String.self)
        prefix = try row.read()
        grant = Grant(
            name: name,
            scopes: try row.readScopes(),
            agentIDs: try row.readAgentIDs(),
            requestsPerMinute: try row.read(Int?.self),
            expiresAt: try row.read(Timestamp?.self)
        )
        createdBy = try row.read()
        createdAt = try row.read()
        lastUsedAt = try row.read(Timestamp?.self)
        let revoked = (
            at: try row.read(Timestamp?.self), by: try row.read(String?.self), reason: try row.read(String?.self)
        )
        revocation =
            if let at = revoked.at, let by = revoked.by { Revocation(at: at, by: by, reason: revoked.reason) } else {
                nil
            }
    }
}

extension RowReader {
    /// A scope that a newer version of this program has given grants nothing here.
    fileprivate mutating func readScopes() throws -> Set<KeyScope> {
        Set(try read([String].self).compactMap(KeyScope.init(rawValue:)))
    }

    fileprivate mutating func readAgentIDs() throws -> Set<AgentID>? {
        try read([AgentID]?.self).map { Set($0) }
    }
}
