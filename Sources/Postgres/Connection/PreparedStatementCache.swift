/// Which SQL texts one connection has prepared, under which names; bounded, the least recently used goes first.
struct PreparedStatementCache {
    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private var made: UInt64 = 0
    /// Names that the server still holds and we no longer use.
    private(set) var discarded: [String] = []

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    /// The name under which the text is prepared, if it is.
    mutating func use(_ sql: String) -> String? {
        uses += 1
        entries[sql]?.lastUse = uses
        return entries[sql]?.name
    }

    /// A name never used before on this connection, so that a failed or forgotten prepare cannot be met again.
    mutating func makeName() -> String {
        made += 1
        return "s\(made)"
    }

    /// Call when the server has confirmed the prepare.
    mutating func insert(_ sql: String, name: String) {
        if let old = entries.removeValue(forKey: sql) { discarded.append(old.name) }
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            discarded.append(oldest.value.name)
        }
        uses += 1
        entries[sql] = Entry(name: name, lastUse: uses)
    }

    /// The plan is stale: prepare it anew the next time.
    mutating func forget(_ sql: String) {
        if let entry = entries.removeValue(forKey: sql) { discarded.append(entry.name) }
    }

    /// The server has lost them, all or some (`DISCARD ALL`, another server behind a pooler).
    mutating func forgetAll() {
        entries = [:]
        discarded = []
    }

    /// Names to drop in the exchange about to be sent.
    mutating func takeDiscarded() -> [String] {
        defer { discarded = [] }
        return discarded
    }
}
