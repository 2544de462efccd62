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

    /// Empty while nobody is known.
    var metadata: Logger.Metadata {
        guard let (tenantID, actor) = caller.withLock({ $0 }) else { return [:] }
        return ["tenant_id": "\(tenantID)", "actor_kind": "\(actor.kind.rawValue)", "actor_id": "\(actor.id)"]
    }
}
