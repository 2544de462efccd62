public import Primitives
public import Tenancy

/// A tenant's runs: how they stand, what they tell, and how they are stopped.
public struct RunService: Sendable {
    private let database: TenantDatabase
    private let supervisor: RunSupervisor
    private let clock: WallClock

    public init(database: TenantDatabase, supervisor: RunSupervisor, clock: WallClock = .system) {
        self.database = database
        self.supervisor = supervisor
        self.clock = clock
    }

    /// - Throws: `run_not_found`, also where the conversation was deleted.
    public func run(_ id: RunID, in tenantID: TenantID) async throws -> Run {
        guard let run = try await database.queryFirst(SelectRun(tenantID: tenantID, id: id), in: tenantID) else {
            throw Fault.runNotFound
        }
        return run
    }

    /// The run's events after one that is known, from wherever they can be had: word for word in the process that makes
    /// or made it; elsewhere, once it has ended, one telling of what is stored.
    /// - Parameter sequence: 0 for all.
    /// - Throws: `run_not_found`.
    public func attach(
        _ id: RunID,
        in tenantID: TenantID,
        after sequence: Int = 0,
        language: Language,
        requestID: RequestID
    ) async throws -> RunAttachment {
        if let journal = supervisor.journal(id, of: tenantID) {
            let events = RunEvents(source: journal, sequence: sequence)
            return RunAttachment(identity: journal.identity, events: events)
        }
        let run = try await run(id, in: tenantID)
        let identity = RunIdentity(
            tenantID: tenantID,
            runID: id,
            conversationID: run.conversationID,
            messageID: run.answerMessageID
        )
        let source = StoredRunEvents(language: language, requestID: requestID) {
            try await self.run(id, in: tenantID)
        }
        let events = RunEvents(source: source, sequence: sequence)
        return RunAttachment(identity: identity, events: events)
    }

    /// Stops an answer: at once in this process, within 5 s in another.
    ///
    /// One that has ended is left as it is.
    /// - Throws: `run_not_found`.
    public func cancel(_ id: RunID, in tenantID: TenantID) async throws {
        if supervisor.cancel(id, of: tenantID) { return }
        _ = try await run(id, in: tenantID)
        let request = RequestCancellation(tenantID: tenantID, id: id, requestedAt: clock.now())
        try await database.transaction(in: tenantID) { _ = try await $0.execute(request) }
    }
}
