internal import Postgres
internal import Primitives

/// An attempt succeeded: whoever was failing does no longer, and is enabled again where that was why it was not.
///
/// A row where it was disabled. Where nothing changes, and the last success is not a minute old, nothing is written.
struct RecordSuccess: Statement {
    static let sql = """
        WITH before AS (
            SELECT disabled_reason FROM webhooks.endpoint
            WHERE tenant_id = $1 AND id = $2 AND (
                failing_since IS NOT NULL OR last_success_at IS NULL OR last_success_at < now() - interval '1 minute'
            )
            FOR UPDATE
        ), recorded AS (
            UPDATE webhooks.endpoint
            SET failing_since = NULL, last_success_at = now(),
                disabled_at = CASE WHEN before.disabled_reason = 'gone' THEN disabled_at END,
                disabled_reason = nullif(before.disabled_reason, 'failing'), next_probe_at = NULL
            FROM before WHERE tenant_id = $1 AND id = $2
        )
        SELECT true FROM before WHERE disabled_reason = 'failing'
        """
    let tenantID: TenantID
    let id: WebhookID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}

/// An attempt failed: since when, and until when the endpoint is left alone; nothing is written where that is known.
struct RecordFailure: Command {
    static let sql = """
        UPDATE webhooks.endpoint
        SET failing_since = coalesce(failing_since, now()),
            rest_until = greatest(rest_until, now() + $3::float8 * interval '1 second')
        WHERE tenant_id = $1 AND id = $2
            AND (failing_since IS NULL OR rest_until IS NULL AND $3::float8 IS NOT NULL
                OR rest_until < now() + $3::float8 * interval '1 second')
        """
    let tenantID: TenantID
    let id: WebhookID
    let rest: Duration?

    var bindings: Bindings { [tenantID, id, rest?.seconds] }
}

/// Disables an endpoint: one that is gone at once, another after five days without a success, by its row and the database's
/// clock alone.
///
/// One that we disabled since it failed may turn out to be gone: then it is probed no more. No row where it is not to be,
/// or was before.
struct DisableEndpoint: Statement {
    static let sql = """
        UPDATE webhooks.endpoint
        SET disabled_at = coalesce(disabled_at, now()), disabled_reason = $3, probe = probe + 1,
            next_probe_at = CASE $3 WHEN 'failing' THEN now() + interval '1 hour' END
        WHERE tenant_id = $1 AND id = $2 AND (
            $3 = 'gone' AND disabled_reason IS DISTINCT FROM 'gone'
                OR disabled_at IS NULL AND failing_since < now() - interval '5 days'
        )
        RETURNING probe, failing_since, disabled_at, disabled_at = now(), kind
        """
    let tenantID: TenantID
    let id: WebhookID
    let reason: WebhookEndpoint.Disabled.Reason

    var bindings: Bindings { [tenantID, id, reason.rawValue] }

    static func decode(_ row: inout RowReader) throws -> DisabledEndpoint {
        DisabledEndpoint(
            probe: try row.read(),
            failingSince: try row.read(Timestamp?.self),
            at: try row.read(),
            isNews: try row.read(),
            kind: try row.read(EndpointKind.self)
        )
    }
}

struct DisabledEndpoint: Sendable {
    let probe: Int
    let failingSince: Timestamp?
    let at: Timestamp
    /// Whether it was not disabled before.
    let isNews: Bool
    let kind: EndpointKind
}

/// The next probe after this one; no row where this one is over: the endpoint is not there, works again, or was disabled anew.
///
/// An endpoint is probed an hour after it was disabled, and then whenever it has been disabled for twice as long, at least
/// once a day.
struct AdvanceProbe: Statement {
    static let sql = """
        UPDATE webhooks.endpoint
        SET probe = probe + 1,
            next_probe_at = now() + greatest(least(now() - disabled_at, interval '1 day'), interval '1 hour')
        WHERE tenant_id = $1 AND id = $2 AND probe = $3 AND disabled_reason = 'failing'
        RETURNING probe, extract(epoch FROM next_probe_at - now())::float8
        """
    let tenantID: TenantID
    let id: WebhookID
    let number: Int

    var bindings: Bindings { [tenantID, id, number] }

    static func decode(_ row: inout RowReader) throws -> (number: Int, delay: Duration) {
        (try row.read(), .seconds(try row.read(Double.self)))
    }
}

/// Begins a round of the oldest delivery that waits for an endpoint, and stands behind no other; no row where there is none.
struct BeginOldestRound: Statement {
    static let sql = """
        UPDATE webhooks.delivery
        SET state = 'pending', round = round + 1, step = 0, next_attempt_at = now(), finished_at = NULL
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = (
            SELECT event_id FROM webhooks.delivery
            WHERE tenant_id = $1 AND endpoint_id = $2 AND state IN ('pending', 'held')
                AND NOT \(DeliveryOrder.isBehind)
            ORDER BY event_id LIMIT 1
        )
        RETURNING event_id, round
        """
    let tenantID: TenantID
    let id: WebhookID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> (id: EventID, round: Int) {
        (try row.read(), try row.read())
    }
}
