internal import Postgres
internal import Primitives

/// Makes the partitions of the days to come.
struct EnsureFinishedPartitions: Command {
    static let sql = "SELECT jobs.ensure_partitions(now() + $1::float8 * interval '1 second')"
    let ahead: Duration

    var bindings: Bindings { [ahead.seconds] }
}

/// Drops the days of finished jobs that are older.
struct DropFinishedPartitions: Command {
    static let sql = "SELECT jobs.drop_partitions(now() - $1::float8 * interval '1 second')"
    let age: Duration

    var bindings: Bindings { [age.seconds] }
}

/// Forgets some of the jobs that were given up long ago.
struct DeleteOldDead: Command {
    static let sql = """
        DELETE FROM jobs.dead WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM jobs.dead WHERE died_at < now() - $1::float8 * interval '1 second'
            ORDER BY died_at LIMIT $2
        ))
        """
    let age: Duration
    let limit: Int

    var bindings: Bindings { [age.seconds, limit] }
}

/// Forgets some of the old ticks, of each schedule all but the newest, where it goes on.
struct DeleteOldTicks: Command {
    static let sql = """
        DELETE FROM jobs.tick WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM jobs.tick AS old
            WHERE tick < now() - $1::float8 * interval '1 second' AND tick < (
                SELECT max(newer.tick) FROM jobs.tick AS newer
                WHERE newer.tenant_id = old.tenant_id AND newer.schedule = old.schedule
            )
            ORDER BY tick LIMIT $2
        ))
        """
    let age: Duration
    let limit: Int

    var bindings: Bindings { [age.seconds, limit] }
}
