internal import Synchronization

/// Says whether the server is on its way out: streams go on, new requests are refused with `draining`.
public final class DrainSwitch: Sendable {
    private let flag = Atomic(false)

    public init() {}

    public var isDraining: Bool { flag.load(ordering: .relaxed) }

    public func begin() { flag.store(true, ordering: .relaxed) }
}
