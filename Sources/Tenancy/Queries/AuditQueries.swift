public import Postgres
internal import Primitives

extension AuditAction: PostgresText {}
extension Principal.Actor.Kind: PostgresText {}

struct InsertAuditEntry: Command {
    static let sql = """
        INSERT INTO tenancy.audit_entry
            (tenant_id, id, actor_kind, actor_id, action, target_id, address, request_id, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """
    let tenantID: TenantID
    let action: AuditAction
    let targetID: String
    let origin: Origin
    let details: JSON

    var bindings: Bindings {
        [
            tenantID, AuditEntryID.next(), origin.actor.kind, origin.actor.id, action, targetID,
            origin.address?.description, origin.requestID, details,
        ]
    }
}

/// A page and one row more.
///
/// A statement for each filter that has an index: a plan for all filters at once would serve none.
struct SelectAuditEntries: AuditSelection {
    static let sql = "\(AuditEntry.selection) \(AuditEntry.newestFirst)"
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest
}

struct SelectAuditEntriesOfAction: AuditSelection {
    static let sql = "\(AuditEntry.selection) AND action = $7 \(AuditEntry.newestFirst)"
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest
}

struct SelectAuditEntriesOfActor: AuditSelection {
    static let sql = "\(AuditEntry.selection) AND actor_id = $5 \(AuditEntry.newestFirst)"
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest
}

struct SelectAuditEntriesOfTarget: AuditSelection {
    static let sql = "\(AuditEntry.selection) AND target_id = $6 \(AuditEntry.newestFirst)"
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest
}

extension AuditEntry {
    /// Row-level security takes `coalesce` for leaky, and lets no index serve a condition that has it: hence subqueries.
    fileprivate static let selection = """
        SELECT id, occurred_at, actor_kind, actor_id, action, target_id, address, request_id, details
        FROM tenancy.audit_entry
        WHERE tenant_id = $1 AND (occurred_at, id) < ($2, $3)
            AND ($5::text IS NULL OR actor_id = $5) AND ($6::text IS NULL OR target_id = $6)
            AND ($7::text IS NULL OR action = $7)
            AND occurred_at >= (SELECT coalesce($8::timestamptz, '-infinity'))
            AND occurred_at < (SELECT coalesce($9::timestamptz, 'infinity'))
        """
    fileprivate static let newestFirst = "ORDER BY occurred_at DESC, id DESC LIMIT $4"
}

protocol AuditSelection: Statement where Row == AuditEntry {
    var tenantID: TenantID { get }
    var filter: AuditFilter { get }
    var page: PageRequest { get }
}

extension AuditSelection {
    var bindings: Bindings {
        [
            tenantID, page.before.createdAt, page.before.id, page.limit + 1, filter.actorID, filter.targetID,
            filter.action, filter.since, filter.until,
        ]
    }

    static func decode(_ row: inout RowReader) throws -> AuditEntry {
        AuditEntry(
            id: try row.read(AuditEntryID.self),
            occurredAt: try row.read(Timestamp.self),
            actor: Principal.Actor(try row.read(Principal.Actor.Kind.self), try row.read(String.self)),
            action: try row.read(AuditAction.self),
            targetID: try row.read(String.self),
            address: try row.read(String?.self),
            requestID: try row.read(RequestID?.self),
            details: try row.read(JSON.self)
        )
    }
}
