public import Postgres
internal import Primitives

/// Keeps what bars a person in every organisation as Clerk's webhooks tell of it: bans, deletions, ended sessions.
///
/// As with organisations, any order and repetition of the events ends in the same rows.
public struct AccountSync: Sendable {
    private let worker: PostgresPool
    private let revocations: RevocationFeed

    /// - Parameter worker: the worker's pool: people belong to no tenant.
    public init(worker: PostgresPool, revocations: RevocationFeed) {
        self.worker = worker
        self.revocations = revocations
    }

    /// Stores a delivery and applies its change in one transaction, once for each delivery id.
    ///
    /// In this process what it revokes is closed when it returns, in the others within seconds.
    /// - Returns: false for a delivery that was stored before.
    public func apply(_ change: AccountChange, of delivery: ClerkDelivery) async throws -> Bool {
        let (isNew, revocation): (Bool, Revocation?) = try await TenantDatabase.faulting {
            try await worker.transaction { transaction in
                guard try await transaction.execute(InsertClerkEvent(delivery: delivery)) == 1 else {
                    return (false, nil)
                }
                let revocation = try await apply(change, in: transaction)
                if let revocation {
                    try await transaction.execute(InsertRevocation(tenantID: .system, revocation: revocation))
                }
                return (true, revocation)
            }
        }
        if revocation != nil { await revocations.look() }
        return isNew
    }

    private func apply(_ change: AccountChange, in transaction: PostgresTransaction) async throws -> Revocation? {
        switch change {
        case .user(let snapshot):
            let state = try await transaction.queryFirst(UpsertUserAccount(snapshot: snapshot))
            return state == nil || state == .active ? nil : .user(userID: snapshot.clerkID)
        case .userDeleted(let clerkID):
            try await transaction.execute(MarkUserDeleted(clerkID: clerkID))
            return .user(userID: clerkID)
        case .sessionEnded(let clerkID):
            try await transaction.execute(InsertEndedSession(clerkID: clerkID))
            return .session(sessionID: clerkID)
        }
    }
}
