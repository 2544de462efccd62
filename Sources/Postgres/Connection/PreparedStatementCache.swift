/// Which statements one connection has prepared, under which names; bounded, the least recently used goes first.
struct PreparedStatementCache {
    /// The types belong to it: the same text with other types is another statement, and binary values of one would be
    /// misread by the other.
    struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    private var made: UInt64 = 0
    /// Names that the server still holds and we no longer use.
    private(set) var discarded: [String] = []

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    /// The name under which the statement is prepared, if it is.
    mutating func use(_ key: Key) -> String? {
        uses += 1
        // One look-up, since it hashes the whole SQL.
        guard let index = entries.index(forKey: key) else { return nil }
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name never used before on this connection, so that a failed or forgotten prepare cannot be met again.
    mutating func makeName() -> String {
        made += 1
        return "s\(made)"
    }

    /// Call when the server has confirmed the prepare.
    mutating func insert(_ key: Key, name: String) {
        if let old = entries.removeValue(forKey: key) { discarded.append(old.name) }
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            discarded.append(oldest.value.name)
        }
        uses += 1
        entries[key] = Entry(name: name, lastUse: uses)
    }

    /// The plan is stale: prepare it anew the next time.
    mutating func forget(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { discarded.append(entry.name) }
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
