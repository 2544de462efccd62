internal import Postgres
internal import Primitives

/// The order of what an endpoint gets about one subject.
///
/// A delivery stands behind every other of its endpoint and key that comes before it and is not settled: pending, or held.
enum DeliveryOrder {
    /// Whether the row of `delivery` does.
    static let isBehind = """
        EXISTS (
            SELECT FROM webhooks.delivery AS ahead
            WHERE ahead.tenant_id = delivery.tenant_id AND ahead.endpoint_id = delivery.endpoint_id
                AND ahead.ordering_key = delivery.ordering_key AND ahead.position < delivery.position
                AND ahead.ordering_key IS NOT NULL AND ahead.state IN ('pending', 'held')
        )
        """
}

/// One at a time settles a delivery of a key, or has one wait: who settles sees whoever waits by then, and who would wait
/// sees what is settled.
///
/// A statement of its own, before those: each must begin after the lock was had. Nothing is locked where there is no order.
struct LockOrder: Command {
    static let sql = """
        SELECT pg_advisory_xact_lock(hashtextextended('webhooks.order ' || endpoint_id || ordering_key, 0))
        FROM webhooks.delivery
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND ordering_key IS NOT NULL
        """
    let tenantID: TenantID
    let piece: DeliveryPiece

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID] }
}

/// A delivery waits for those ahead of it; 0 rows where there is none, or its round is over.
struct StandBehind: Command {
    static let sql = """
        UPDATE webhooks.delivery SET next_attempt_at = NULL, turn_at = NULL
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND round = $4 AND state = 'pending'
            AND \(DeliveryOrder.isBehind)
        """
    let tenantID: TenantID
    let piece: DeliveryPiece

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID, piece.round] }
}

/// A delivery is settled: whoever waits and has nobody ahead of it any more begins a round, with the failures that it had.
///
/// No row where nobody waits, or the first of the key is on its way, or held.
struct CallNext: Statement {
    static let sql = """
        UPDATE webhooks.delivery SET round = round + 1, next_attempt_at = now()
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = (
            SELECT first.event_id FROM webhooks.delivery AS settled CROSS JOIN LATERAL (
                SELECT event_id FROM webhooks.delivery AS unsettled
                WHERE unsettled.tenant_id = $1 AND unsettled.endpoint_id = $2
                    AND unsettled.ordering_key = settled.ordering_key AND unsettled.ordering_key IS NOT NULL
                    AND unsettled.state IN ('pending', 'held')
                ORDER BY position LIMIT 1
            ) AS first
            WHERE settled.tenant_id = $1 AND settled.endpoint_id = $2 AND settled.event_id = $3
        ) AND state = 'pending' AND next_attempt_at IS NULL
        RETURNING event_id, round
        """
    let tenantID: TenantID
    let piece: DeliveryPiece

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID] }

    static func decode(_ row: inout RowReader) throws -> (id: EventID, round: Int) {
        (try row.read(), try row.read())
    }
}
