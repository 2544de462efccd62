internal import Postgres

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

/// Forgets jobs that were given up long ago.
struct DeleteOldDead: Command {
    static let sql = "DELETE FROM jobs.dead WHERE died_at < now() - $1::float8 * interval '1 second'"
    let age: Duration

    var bindings: Bindings { [age.seconds] }
}

/// Forgets old ticks, of each schedule all but the newest, where it goes on.
struct DeleteOldTicks: Command {
    static let sql = """
        DELETE FROM jobs.tick
        WHERE tick < now() - $1::float8 * interval '1 second' AND EXISTS (
            SELECT FROM jobs.tick AS newer
            WHERE newer.tenant_id = tick.tenant_id AND newer.schedule = tick.schedule AND newer.tick > tick.tick
        )
        """
    let age: Duration

    var bindings: Bindings { [age.seconds] }
}
