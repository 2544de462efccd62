internal import Jobs
internal import Primitives
internal import Tenancy

// What becomes of a delivery after an attempt, or without one.
extension WebhookSender {
    /// Writes down what a receiver made of an attempt, of its endpoint and of the next attempt.
    func settle(
        _ piece: DeliveryPiece,
        _ number: Int,
        _ sending: Sending,
        _ result: SendResult,
        in transaction: TenantTransaction
    ) async throws {
        let tenantID = transaction.tenantID
        // Before all other locks, always: two that lock in turns would wait for each other.
        if sending.isOrdered { try await transaction.execute(LockOrder(tenantID: tenantID, piece: piece)) }
        let finish = FinishAttempt(tenantID: tenantID, piece: piece, number: number, result: result)
        try await transaction.execute(finish)
        guard !result.isSuccess else {
            // The endpoint before the delivery, always: two that lock them in turns would wait for each other.
            let record = RecordSuccess(tenantID: tenantID, id: piece.endpointID)
            if try await transaction.queryFirst(record) == true {
                try await transaction.releaseHeld(of: piece.endpointID)
            }
            try await transaction.execute(SucceedDelivery(tenantID: tenantID, piece: piece))
            if sending.isOrdered { try await transaction.callNext(after: piece, arrived: true) }
            return
        }
        try await transaction.recordFailure(of: piece.endpointID, named: sending.endpointName, result)
        try await postpone(piece, sending, result, in: transaction)
    }

    /// What comes after an attempt that failed: the next step of the schedule, or the end.
    ///
    /// - Parameter result: what the receiver made of it; nil where that is not known.
    private func postpone(
        _ piece: DeliveryPiece,
        _ sending: Sending,
        _ result: SendResult?,
        in transaction: TenantTransaction
    ) async throws {
        let tenantID = transaction.tenantID
        let delay = RetrySchedule.delay(
            after: sending.step,
            of: sending.isOnce(piece.trigger) || result?.isGone == true ? 0 : sending.retryCount,
            atLeast: result?.earliestRetry,
            chance: chance()
        )
        guard let delay else {
            // What could not be sent only because its endpoint is disabled still waits for that to change.
            let isHeld = !sending.isEnabled && !piece.isTest
            try await transaction.end(piece, as: isHeld ? .held : .failed, isOrdered: sending.isOrdered)
            return
        }
        let postpone = PostponeDelivery(tenantID: tenantID, piece: piece, delay: delay)
        guard try await transaction.execute(postpone) == 1 else { return }
        let again = DeliveryPiece(
            endpointID: piece.endpointID,
            eventID: piece.eventID,
            round: piece.round,
            trigger: .automatic
        )
        try await transaction.enqueue(RetryWebhook(again), JobOptions(delay: delay))
    }

    /// Workers were lost with it, perhaps because of it, and nobody knows whether it arrived: it is tried again, but later.
    ///
    /// That counts as a failure only where an attempt was under way: what was never sent has not failed.
    func rest(_ piece: DeliveryPiece, _ context: JobContext) async throws -> JobOutcome {
        try await context.complete { transaction in
            let select = SelectSending(tenantID: transaction.tenantID, piece: piece)
            guard let sending = try await transaction.queryFirst(select) else { return }
            guard sending.round == piece.round, sending.state == .pending else { return }
            guard sending.hasBegun else {
                try await transaction.enqueue(RetryWebhook(piece), JobOptions(delay: RetrySchedule.steps[0]))
                return
            }
            try await postpone(piece, sending, nil, in: transaction)
        }
        return .completed
    }

    /// Trying again would end the same way.
    func giveUp(_ piece: DeliveryPiece, _ context: JobContext) async throws -> JobOutcome {
        try await context.complete { transaction in
            try await transaction.end(piece, as: .failed, isOrdered: true)
        }
        return .completed
    }
}
