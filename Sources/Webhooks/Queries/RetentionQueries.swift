internal import Postgres
internal import Primitives

/// Forgets some of the deliveries that are older, with their attempts.
struct DeleteOldDeliveries: Command {
    static let sql = """
        WITH old AS (
            DELETE FROM webhooks.delivery WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM webhooks.delivery WHERE created_at < now() - $1::float8 * interval '1 second'
                ORDER BY created_at LIMIT $2
            ))
            RETURNING tenant_id, endpoint_id, event_id
        ), forgotten AS (
            DELETE FROM webhooks.attempt USING old
            WHERE attempt.tenant_id = old.tenant_id AND attempt.endpoint_id = old.endpoint_id
                AND attempt.event_id = old.event_id
        )
        SELECT FROM old
        """
    let age: Duration
    let limit: Int

    var bindings: Bindings { [age.seconds, limit] }
}

/// Forgets some of the messages that are older: no delivery of them is left.
struct DeleteOldMessages: Command {
    static let sql = """
        DELETE FROM webhooks.message WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM webhooks.message WHERE created_at < now() - $1::float8 * interval '1 second'
            ORDER BY created_at LIMIT $2
        ))
        """
    let age: Duration
    let limit: Int

    var bindings: Bindings { [age.seconds, limit] }
}

/// Forgets some of the replays that are older.
struct DeleteOldReplays: Command {
    static let sql = """
        DELETE FROM webhooks.replay WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM webhooks.replay WHERE created_at < now() - $1::float8 * interval '1 second'
            ORDER BY created_at LIMIT $2
        ))
        """
    let age: Duration
    let limit: Int

    var bindings: Bindings { [age.seconds, limit] }
}
