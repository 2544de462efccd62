internal import Synchronization

/// Verified tokens by their SHA-256, at most `capacity`; the oldest makes room for the newest.
///
/// Only tokens with a good signature get in, so forged ones cannot push anything out.
final class VerifiedTokenCache: Sendable {
    struct Entry {
        let session: VerifiedSession
        let keyID: String
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        /// The keys of `entries` by age, once it is full from `oldest` on, around the end.
        var digests: [[UInt8]] = []
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
        state.withLock { $0.entries[digest] }
    }

    func insert(_ entry: Entry, for digest: [UInt8]) {
        state.withLock { state in
            guard state.entries.updateValue(entry, forKey: digest) == nil else { return }
            if state.digests.count < capacity {
                state.digests.append(digest)
            } else {
                state.entries[state.digests[state.oldest]] = nil
                state.digests[state.oldest] = digest
                state.oldest = (state.oldest + 1) % capacity
            }
        }
    }
}
