internal import Primitives
internal import Synchronization
internal import Tenancy

/// Keys as they were read, by the SHA-256 of their text, for a few seconds; at most `capacity`.
///
/// Only keys whose hash was found get in, so invented ones cannot push anything out.
final class VerifiedAPIKeyCache: Sendable {
    private struct Entry {
        let key: StoredAPIKey
        let expires: ContinuousClock.Instant
    }

    /// How long a revocation may go unnoticed by this process where nothing tells it.
    ///
    /// Below the 5 s that are promised by what an answer under way may still take.
    static let lifetime = Duration.seconds(4)

    private let capacity: Int
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    func key(for digest: [UInt8], at now: ContinuousClock.Instant) -> StoredAPIKey? {
        entries.withLock { entries in
            guard let entry = entries[digest], entry.expires > now else { return nil }
            return entry.key
        }
    }

    /// - Parameter time: when its row began to be read.
    func insert(_ key: StoredAPIKey, at time: ContinuousClock.Instant) {
        entries.withLock { entries in
            // All of them would expire within seconds anyhow.
            if entries.count >= capacity, entries[key.digest] == nil { entries.removeAll(keepingCapacity: true) }
            entries[key.digest] = Entry(key: key, expires: time + Self.lifetime)
        }
    }

    func forget(_ revocations: Revocations) {
        entries.withLock { entries in
            entries = entries.filter { _, entry in
                !revocations.cover(.key(entry.key.principal), of: entry.key.tenantID)
            }
        }
    }
}
