internal import Primitives

/// A revocation as it was read.
struct StoredRevocation: Sendable {
    let id: RevocationID
    let tenantID: TenantID
    /// nil for a kind that this version does not know.
    let revocation: Revocation?
}

enum RevocationEntity {}
typealias RevocationID = Identifier<RevocationEntity>

/// Which of the rows of the last ten minutes were told already; a value without I/O.
///
/// Rows become visible in another order than that of their times, since a transaction takes as long as it takes: so each
/// look reads the whole ten minutes, and ids tell what is new.
struct SeenRevocations {
    /// Longer than any two looks at once are apart: the one that read earlier may be heard later.
    private static let memory = Duration.seconds(60)

    private var lastSeen: [RevocationID: ContinuousClock.Instant] = [:]

    var count: Int { lastSeen.count }

    mutating func unseen(_ rows: [StoredRevocation], now: ContinuousClock.Instant) -> [StoredRevocation] {
        let unseen = rows.filter { lastSeen.updateValue(now, forKey: $0.id) == nil }
        // A row that is no longer read has left the ten minutes, and does not come back.
        if lastSeen.count > rows.count { lastSeen = lastSeen.filter { $0.value + Self.memory > now } }
        return unseen
    }
}
