internal import Logging
internal import Primitives
internal import Synchronization
internal import Tenancy

/// Who a request turned out to come from, for the log.
final class CallerRecord: Sendable {
    private let caller = Mutex<(tenantID: TenantID, actor: Principal.Actor)?>(nil)

    func set(_ tenantID: TenantID, _ actor: Principal.Actor) {
        caller.withLock { $0 = (tenantID, actor) }
    }

    /// Nothing while nobody is known.
    func describe(in metadata: inout Logger.Metadata) {
        guard let (tenantID, actor) = caller.withLock({ $0 }) else { return }
        metadata["tenant_id"] = .string(tenantID.description)
        metadata["actor_kind"] = .string(actor.kind.rawValue)
        metadata["actor_id"] = .string(actor.id)
    }
}
