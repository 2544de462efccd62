internal import Postgres
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
    static let sql: String = selection()
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest

    var bindings: Bindings { Bindings(common) }
}

struct SelectAuditEntriesOfAction: AuditSelection {
    static let sql: String = selection(where: "action = $7")
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest

    var bindings: Bindings { Bindings(common + [filter.action]) }
}

struct SelectAuditEntriesOfActor: AuditSelection {
    static let sql: String = selection(where: "actor_id = $8", "($7::text IS NULL OR action = $7)")
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest

    var bindings: Bindings { Bindings(common + [filter.action, filter.actorID]) }
}

struct SelectAuditEntriesOfTarget: AuditSelection {
    static let sql: String = selection(
        where: "target_id = $9",
        "($7::text IS NULL OR action = $7)",
        "($8::text IS NULL OR actor_id = $8)"
    )
    let tenantID: TenantID
    let filter: AuditFilter
    let page: PageRequest

    var bindings: Bindings { Bindings(common + [filter.action, filter.actorID, filter.targetID]) }
}

protocol AuditSelection: Statement where Row == AuditEntry {
    var tenantID: TenantID { get }
    var filter: AuditFilter { get }
    var page: PageRequest { get }
}

extension AuditSelection {
    static func selection(where conditions: String...) -> String {
        """
        SELECT id, occurred_at, actor_kind, actor_id, action, target_id, address, request_id, details
        FROM tenancy.audit_entry
        WHERE \((["tenant_id = $1"] + conditions).joined(separator: " AND ")) AND (occurred_at, id) < ($2, $3)
            AND occurred_at >= coalesce($5, '-infinity') AND occurred_at < coalesce($6, 'infinity')
        ORDER BY occurred_at DESC, id DESC LIMIT $4
        """
    }

    var common: [any PostgresEncodable] {
        [tenantID, page.before.createdAt, page.before.id, page.limit + 1, filter.since, filter.until]
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
