internal import Postgres
internal import Primitives

/// Deletes some of the lowest positions after one, as long as they are old, with their events; of all tenants, as the
/// worker.
///
/// None above one that stays, though a position's time may be a little before a lower one's: a reader is told that it
/// missed something by the row of its cursor alone. And never the highest.
///
/// Rows are deleted by their places, which nobody changes: by their keys, a plan for any number of them would read the whole
/// tables. No row where there was nothing to delete; otherwise the highest position that went.
struct TrimLog: Statement {
    static let sql = """
        WITH lowest AS MATERIALIZED (
            SELECT ctid, tenant_id, position, event_id,
                relayed_at < now() - $2::float8 * interval '1 second' AS is_old
            FROM events.log WHERE position > $1 ORDER BY position LIMIT $3
        ), old AS MATERIALIZED (
            SELECT ctid, tenant_id, position, event_id FROM lowest
            WHERE position < (SELECT coalesce(min(position), 9223372036854775807) FROM lowest WHERE NOT is_old)
                AND position < (SELECT max(position) FROM events.log)
        ), trimmed AS (
            DELETE FROM events.log WHERE ctid = ANY (ARRAY(SELECT ctid FROM old))
        ), forgotten AS (
            DELETE FROM events.event
            WHERE ctid = ANY (ARRAY(
                SELECT found.ctid FROM old CROSS JOIN LATERAL (
                    SELECT event.ctid FROM events.event
                    WHERE event.tenant_id = old.tenant_id AND event.id = old.event_id LIMIT 1
                ) AS found
            ))
        )
        SELECT max(position) FROM old HAVING count(*) > 0
        """
    let after: Int
    let age: Duration
    let limit: Int

    var bindings: Bindings { [after, age.seconds, limit] }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
