internal import Synchronization

/// Verified tokens by their SHA-256, at most `capacity`; the oldest makes room for the newest.
///
/// Only tokens with a good signature get in, so forged ones cannot push anything out.
final class VerifiedTokenCache: Sendable {
    struct Entry {
        let session: VerifiedSession
        let keyID: String
    }

    /// A digest's 32 bytes; as an array it would be hashed byte by byte.
    private typealias Key = SIMD4<UInt64>

    private struct State {
        var entries: [Key: Entry] = [:]
        /// The keys of `entries` by age, once it is full from `oldest` on, around the end.
        var keys: [Key] = []
        var oldest = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    var count: Int { state.withLock { $0.entries.count } }

    func session(for digest: [UInt8]) -> Entry? {
        let key = Self.key(digest)
        return state.withLock { $0.entries[key] }
    }

    func insert(_ entry: Entry, for digest: [UInt8]) {
        let key = Self.key(digest)
        state.withLock { state in
            guard state.entries.updateValue(entry, forKey: key) == nil else { return }
            if state.keys.count < capacity {
                state.keys.append(key)
            } else {
                state.entries[state.keys[state.oldest]] = nil
                state.keys[state.oldest] = key
                state.oldest = (state.oldest + 1) % capacity
            }
        }
    }

    private static func key(_ digest: [UInt8]) -> Key {
        digest.withUnsafeBytes { bytes in
            precondition(bytes.count == MemoryLayout<Key>.size)
            return bytes.loadUnaligned(as: Key.self)
        }
    }
}
