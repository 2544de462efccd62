internal import Primitives
internal import Synchronization

/// Tells the loop of a queue that slots have become free: at once where they are a quarter of all, else a few milliseconds
/// later.
///
/// A claim costs some milliseconds however few jobs it takes, and whoever hears meanwhile of another tenant's job would wait
/// for it to end.
final class FreedSlots: Sendable {
    private static let pause = Duration.milliseconds(5)

    private let wakeUp: WakeUp
    private let isPausing = Atomic(false)

    init(_ wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    func tell(free: Int, of slots: Int) {
        guard free * 4 < slots else { return wakeUp.poke() }
        guard !isPausing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Task {
            // A rest, not a wait for anything: slots that become free meanwhile are told of together, in one claim.
            try? await Task.sleep(for: Self.pause)
            isPausing.store(false, ordering: .releasing)
            wakeUp.poke()
        }
    }
}
