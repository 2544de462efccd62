internal import Jobs
internal import Primitives
internal import Tenancy

extension TenantTransaction {
    /// Ends a round without success: what failed for good lets those behind it go, what is held does not.
    ///
    /// - Parameter isOrdered: false where nobody can stand behind it.
    func end(_ piece: DeliveryPiece, as state: WebhookDelivery.State, isOrdered: Bool) async throws {
        if isOrdered { try await execute(LockOrder(tenantID: tenantID, piece: piece)) }
        let ended = try await execute(EndDelivery(tenantID: tenantID, piece: piece, state: state))
        if isOrdered, ended == 1, state == .failed { try await callNext(after: piece, arrived: false) }
    }

    /// Sends what waited for a delivery that is settled now, the first of it; what is behind that one goes on waiting.
    ///
    /// - Parameter arrived: whether the receiver works: then it stands among first attempts.
    func callNext(after piece: DeliveryPiece, arrived: Bool) async throws {
        guard let next = try await queryFirst(CallNext(tenantID: tenantID, piece: piece)) else { return }
        let piece = DeliveryPiece(
            endpointID: piece.endpointID,
            eventID: next.id,
            round: next.round,
            trigger: .automatic
        )
        try await enqueue([arrived ? NewJob(DeliverWebhook(piece)) : NewJob(RetryWebhook(piece))])
    }
}
