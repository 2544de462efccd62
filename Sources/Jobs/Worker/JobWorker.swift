internal import FoundationEssentials
public import Postgres
internal import Primitives
public import ServiceLifecycle
internal import Synchronization
public import Tenancy

/// Does jobs: claims them in batches, runs their handlers and renews their leases, beside
/// the queues' upkeep.
///
/// Any number of processes may run one. A job is one worker's at a time, by its claim: what a worker writes of a job is
/// written only while the claim is valid. Whoever is cut off from the database stops its handlers before its leases end.
/// Told to end, it claims nothing more, gives its handlers `drainTimeout`, and gives back what has not ended by then.
public final class JobWorker: Service {
    typealias Claims = HeldClaims<Attempt>

    let configuration: JobWorkerConfiguration
    private let handlers: JobHandlers
    let pool: PostgresPool
    let observe: @Sendable (JobObservation) -> Void
    let claims: Mutex<Claims>
    let upkeep: QueueUpkeep
    private let database: TenantDatabase
    private let finisher: JobFinisher
    private let wakeUps: [JobQueue: WakeUp]
    /// Ends when the process begins to drain.
    private let untilDraining: AsyncStream<Void>
    private let beginDraining: AsyncStream<Void>.Continuation
    /// Of this process, at this start; for people who look.
    private let name: String

    /// - Parameters:
    ///   - database: where handlers work, each under its job's tenant.
    ///   - pool: the worker's, which sees the jobs of all tenants.
    ///   - name: who claims, as people know the process: its host and number.
    public init(
        _ configuration: JobWorkerConfiguration,
        handlers: JobHandlers,
        database: TenantDatabase,
        pool: PostgresPool,
        name: String,
        observe: @escaping @Sendable (JobObservation) -> Void
    ) {
        precondition(
            configuration.heartbeat < configuration.trust && configuration.trust < configuration.lease,
            "leases are renewed while they are trusted, and trusted for less than they last"
        )
        self.configuration = configuration
        self.handlers = handlers
        self.database = database
        self.pool = pool
        self.name = name
        self.observe = observe
        claims = Mutex(Claims(trust: configuration.trust, patience: configuration.patience))
        finisher = JobFinisher(pool: pool)
        wakeUps = Dictionary(uniqueKeysWithValues: configuration.queues.map { ($0.queue, WakeUp()) })
        upkeep = QueueUpkeep(
            configuration: configuration,
            handlers: handlers,
            pool: pool,
            wakeUps: wakeUps,
            observe: observe
        )
        (untilDraining, beginDraining) = AsyncStream.makeStream()
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { keepers in
                keepers.addTask { await self.keepLeases() }
                keepers.addTask { await self.upkeep.run() }
                keepers.addTask { await self.watchHandlers() }
                keepers.addTask { await self.stopAfterDrainTimeout() }
                await withDiscardingTaskGroup { queues in
                    for queue in self.configuration.queues { queues.addTask { await self.work(on: queue) } }
                }
                keepers.cancelAll()
            }
            // A group takes a service that ends before its turn for one that failed.
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            self.drain()
        }
    }

    /// There is something to do in that queue: look now.
    public func poke(_ queue: JobQueue) {
        wakeUps[queue]?.poke()
    }

    /// Claims nothing more; from now on `drainTimeout` counts, also where others have to end before it is this service's turn.
    public func drain() {
        claims.withLock { $0.drain() }
        beginDraining.finish()
        for wakeUp in wakeUps.values { wakeUp.poke() }
    }

    private func stopAfterDrainTimeout() async {
        for await _ in untilDraining {}
        // What has not ended by itself when the grace is over is given back.
        guard (try? await Task.sleep(for: configuration.drainTimeout)) != nil else { return }
        claims.withLock { $0.stopAll() }.forEach { $0.cancel() }
    }

    // MARK: Claiming

    /// Until the process drains; then waits for the handlers that have begun.
    private func work(on queue: JobWorkerConfiguration.Queue) async {
        let wakeUp = wakeUps[queue.queue] ?? WakeUp()
        let freed = FreedSlots(wakeUp)
        // Each worker begins its rounds elsewhere, and goes on after the tenant that it served last.
        var after = TenantID(UUID())
        await withDiscardingTaskGroup { running in
            while !Task.isCancelled, let free = freeSlots(of: queue) {
                var claimed: [ClaimedJob] = []
                if free.slots > 0 {
                    do {
                        claimed = try await claim(
                            from: queue,
                            slots: free.slots,
                            tenantLimit: free.tenantLimit,
                            after: after
                        )
                    } catch {
                        observe(.unreachable(error))
                    }
                }
                for job in claimed {
                    running.addTask {
                        await self.execute(job)
                        let running = self.claims.withLock { $0.count(in: queue.queue) }
                        freed.tell(free: queue.slots - running, of: queue.slots)
                    }
                }
                after = claimed.last?.tenantID ?? after
                // A batch that did not fill the slots may have left something: only an empty one says that nothing is due.
                // Full slots wait for the end of a job, or for word of another tenant's.
                if claimed.isEmpty || claimed.count == free.slots { await wakeUp.wait(atMost: configuration.poll) }
            }
        }
    }

    /// How many jobs may be claimed, and how many of one tenant's may then run: any number, but in the spare slots.
    /// - Returns: nil once the process drains.
    private func freeSlots(of queue: JobWorkerConfiguration.Queue) -> (slots: Int, tenantLimit: Int?)? {
        guard let free = claims.withLock({ $0.isDraining ? nil : queue.slots - $0.count(in: queue.queue) }) else {
            return nil
        }
        guard free <= 0 else { return (free, queue.tenantLimit) }
        return (free + queue.spareSlots, min(queue.spareSlots, queue.tenantLimit ?? queue.spareSlots))
    }

    /// Claims at most so many due jobs, to be executed.
    ///
    /// What arrives when the process drains is given back.
    /// - Parameter tenantLimit: how many of one tenant's may run then, in all processes.
    func claim(
        from queue: JobWorkerConfiguration.Queue,
        slots: Int,
        tenantLimit: Int? = nil,
        after: TenantID = .none
    ) async throws -> [ClaimedJob] {
        let statement = ClaimJobs(
            queue: queue.queue,
            kinds: handlers.kinds,
            slots: slots,
            tenantLimit: tenantLimit ?? queue.tenantLimit ?? Int(Int32.max),
            after: after,
            worker: name,
            lease: configuration.lease
        )
        let sentAt = ContinuousClock.now
        // Not cancelled with this task: a claim that nobody has heard of would be a lost worker's.
        let jobs = try await Task { [pool] in
            guard queue.tenantLimit != nil else { return try await pool.query(statement) }
            return try await pool.batch(LockQueue(queue: queue.queue), statement).1
        }.value
        guard claims.withLock({ $0.hold(jobs.map(\.claim), in: queue.queue, sentAt: sentAt) }) else {
            for job in jobs { await settle(job, .giveBack) }
            return []
        }
        return jobs
    }

    // MARK: Running

    /// Runs a claimed job's handler, and settles what becomes of the job.
    func execute(_ job: ClaimedJob) async {
        let start = ContinuousClock.now
        let context = JobContext(job, database: database)
        let handler = handlers[job.kind]
        let attempt = Attempt {
            guard let handler else { throw CancellationError() }
            return try await handler.perform(JSON.parse(job.payload.text).root.object ?? JSONObject(), context)
        }
        let deadline = start + (handler?.maximumDuration ?? .zero)
        if claims.withLock({ $0.begin(job.claim.id, attempt, deadline: deadline) }) { attempt.cancel() }
        let result = await withTaskCancellationHandler {
            await attempt.result
        } onCancel: {
            // The process ends, and not by its leave.
            self.claims.withLock { $0.stopAll() }.forEach { $0.cancel() }
        }
        let settlement = Settlement(
            of: job,
            result,
            isCompleted: context.isCompleted,
            stopReason: claims.withLock { $0.stopReason(job.claim.id) },
            backoff: handler?.backoff ?? Backoff(),
            maximumDuration: handler?.maximumDuration ?? .zero,
            chance: .random(in: 0...1)
        )
        await settle(job, settlement, duration: .now - start)
        claims.withLock { $0.end(job.claim.id) }
    }

    /// Writes what becomes of a job, once, and again and again while the job is this worker's, and tells of it.
    private func settle(_ job: ClaimedJob, _ settlement: Settlement, duration: Duration = .zero) async {
        // The last word on the job, also where this task was cancelled.
        let isSettled = await Task {
            while true {
                do {
                    return try await self.write(settlement, of: job.claim)
                } catch {
                    self.observe(.unreachable(error))
                }
                guard self.claims.withLock({ $0.isTrusted(job.claim.id, now: .now) }) else { return false }
                // The database is away, and does not say when it is back.
                try? await Task.sleep(for: .seconds(1))
            }
        }.value
        observe(isSettled ? settlement.observation(of: job, duration: duration) : .leaseLost(job))
    }

    /// - Returns: false where the claim is not valid any more.
    private func write(_ settlement: Settlement, of claim: JobClaim) async throws -> Bool {
        switch settlement {
        case .alreadyCompleted: true
        case .lost: false
        case .complete: try await finisher.finish(claim, as: .completed)
        case .discard: try await finisher.finish(claim, as: .discarded)
        case .snooze(let delay): try await putBack(claim, spendsAttempt: false, delay: delay)
        case .giveBack: try await putBack(claim, spendsAttempt: false)
        case .retry(let delay, let reason):
            try await putBack(claim, spendsAttempt: true, failure: reason, delay: delay)
        case .bury(let reason):
            try await pool.execute(BuryJob(claim: claim, failure: reason)) == 1
        }
    }

    private func putBack(
        _ claim: JobClaim,
        spendsAttempt: Bool,
        failure: String? = nil,
        delay: Duration? = nil
    ) async throws -> Bool {
        let statement = ReturnJob(claim: claim, spendsAttempt: spendsAttempt, failure: failure, delay: delay)
        return try await pool.execute(statement) == 1
    }
}

extension Settlement {
    fileprivate func observation(of job: ClaimedJob, duration: Duration) -> JobObservation {
        switch self {
        case .alreadyCompleted, .complete: .completed(job, duration: duration)
        case .lost: .leaseLost(job)
        case .discard(let reason): .discarded(job, because: reason)
        case .snooze(let delay): .snoozed(job, delay)
        case .retry(let delay, let reason): .failed(job, because: reason, again: delay)
        case .giveBack: .returned(job)
        case .bury(let reason): .died(job, because: reason)
        }
    }
}
