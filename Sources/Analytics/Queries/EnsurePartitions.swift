internal import Postgres
internal import Primitives

struct EnsurePartitions: Command {
    static let sql = "SELECT analytics.ensure_partitions($1)"
    let until: Timestamp

    var bindings: Bindings { [until] }
}
