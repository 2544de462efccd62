internal import Postgres
internal import Primitives

/// Says that a connection wants to be the pass's only one, and which one is: it, where none was.
struct ClaimPass: Statement {
    static let sql = """
        UPDATE tenancy.ticket SET first_used_at = coalesce(first_used_at, now()), claimant_id = $3,
            connection_id = coalesce(connection_id, $3)
        WHERE tenant_id = $1 AND id = $2
        RETURNING connection_id
        """
    let pass: StreamPass
    let connectionID: ConnectionID

    var bindings: Bindings { [pass.tenantID, pass.ticketID, connectionID] }

    static func decode(_ row: inout RowReader) throws -> ConnectionID { try row.read() }
}

/// Whether a connection that claimed its pass is the open one now; no row where a newer one has claimed it.
///
/// Writes nothing where it is not: after a server was lost, all its passes ask again and again.
struct TakePass: Statement {
    static let sql = """
        WITH taken AS (
            UPDATE tenancy.ticket SET connection_id = $3
            WHERE tenant_id = $1 AND id = $2 AND claimant_id = $3 AND (connection_id IS NULL OR $4)
            RETURNING id
        )
        SELECT EXISTS (SELECT FROM taken) FROM tenancy.ticket WHERE tenant_id = $1 AND id = $2 AND claimant_id = $3
        """
    let pass: StreamPass
    let connectionID: ConnectionID
    /// Whoever has it is not waited for any longer.
    let isForced: Bool

    var bindings: Bindings { [pass.tenantID, pass.ticketID, connectionID, isForced] }

    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}

struct ReleasePass: Command {
    static let sql = """
        UPDATE tenancy.ticket SET connection_id = NULL WHERE tenant_id = $1 AND id = $2 AND connection_id = $3
        """
    let pass: StreamPass
    let connectionID: ConnectionID

    var bindings: Bindings { [pass.tenantID, pass.ticketID, connectionID] }
}
