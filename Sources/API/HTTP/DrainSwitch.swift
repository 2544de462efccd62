internal import Synchronization

/// Says whether the server is on its way out: streams go on, new requests are refused with `draining`.
package final class DrainSwitch: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package var isDraining: Bool { flag.load(ordering: .relaxed) }

    package func begin() { flag.store(true, ordering: .relaxed) }
}
