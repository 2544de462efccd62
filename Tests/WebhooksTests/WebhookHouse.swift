internal import Events
internal import Postgres
internal import Primitives
internal import Secrets
internal import Synchronization
internal import Tenancy
internal import TestSupport

@testable internal import Jobs
@testable internal import Outbound
@testable internal import Webhooks

/// The module as a server wires it, over the test's database; whoever is called is on this machine.
struct WebhookHouse: Sendable {
    static let queues: [JobWorkerConfiguration.Queue] = [
        .init(.webhooks, slots: 64), .init(.webhookRetries, slots: 64),
    ]

    let test: TestDatabase
    let database: TenantDatabase
    let masterKey: MasterKey
    let keys: SigningKeys
    let outbound: OutboundClient
    let endpoints: WebhookEndpointService
    let deliveries: WebhookDeliveryService
    let replays: WebhookReplayService
    let tenant = TenantID.next()

    /// - Parameter outbound: nil for one that may call this machine.
    init(_ test: TestDatabase, outbound: OutboundClient? = nil) throws {
        self.test = test
        database = TenantDatabase(pool: test.app)
        masterKey = try MasterKey("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let limits = CallLimits(perHost: 128)
        self.outbound = try outbound ?? OutboundClient(OutboundConfiguration(policy: .development, limits: limits))
        keys = SigningKeys(database: database, masterKey: masterKey)
        endpoints = WebhookEndpointService(outbound: self.outbound, masterKey: masterKey, database: database)
        deliveries = WebhookDeliveryService(database: database)
        replays = WebhookReplayService(database: database)
    }

    // MARK: Arranging

    func write<Result: Sendable>(_ body: (TenantTransaction) async throws -> Result) async throws -> Result {
        try await database.transaction(in: tenant, body)
    }

    @discardableResult
    func make(
        _ url: String,
        events: [String] = [],
        isActive: Bool = true,
        headers: [WebhookHeader] = [],
        secret: WebhookSecret? = nil,
        retryCount: Int = 9,
        timeout: Int = 15,
        rate: Int? = nil,
        orderingKey: WebhookEndpoint.OrderingKey? = nil
    ) async throws -> WebhookID {
        let settings = WebhookEndpoint.Settings(
            name: "Loja",
            url: url,
            events: events.compactMap(EventPattern.init(rawValue:)),
            isActive: isActive,
            retryCount: retryCount,
            timeout: timeout,
            rate: rate,
            orderingKey: orderingKey
        )
        return try await write { try await endpoints.create(settings, headers: headers, secret: secret, in: $0) }
            .endpoint.id
    }

    /// Appends events that say something, in one transaction, and gives their ids.
    @discardableResult
    func happen(
        _ type: EventType = .messageReceived,
        count: Int = 1,
        about subjectID: SubjectID? = nil
    ) async throws -> [EventID] {
        let events = (0..<count).map { number in
            Event(
                type,
                data: ["número": .number(JSONNumber(number))],
                subjectID: subjectID,
                occurredAt: WallClock.system.now()
            )
        }
        try await write { try await $0.append(events) }
        return events.map(\.id)
    }

    /// Gives all that is pending its positions, and makes its deliveries.
    func relay() async throws {
        let relay = Relay(pool: test.worker, consumer: WebhookRelay(), logger: TestDatabase.logger) {}
        while try await relay.relay() != .relayed(0) {}
    }

    // MARK: Working

    /// One of any number of processes that send.
    func worker(
        _ queues: [JobWorkerConfiguration.Queue] = Self.queues,
        outbound: OutboundClient? = nil,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        observe: @escaping @Sendable (JobObservation) -> Void = { _ in }
    ) -> JobWorker {
        var handlers = JobHandlers()
        WebhookSender(
            outbound: outbound ?? self.outbound,
            masterKey: masterKey,
            keys: keys,
            clock: .system,
            pause: pause,
            chance: { 0 }
        ).register(in: &handlers)
        TendWebhooks.register(in: &handlers, keys: keys, worker: test.worker)
        return JobWorker(
            JobWorkerConfiguration(queues: queues),
            handlers: handlers,
            database: database,
            pool: test.worker,
            name: "test",
            observe: observe
        )
    }

    /// Does the jobs that are due now, and those that they make for at once, until there are none.
    func work(_ worker: JobWorker? = nil) async throws {
        let worker = worker ?? self.worker()
        // Once: on a slow machine a retry would be due before the rest is done.
        try await worker.upkeep.releaseDue()
        while case let jobs = try await worker.claimAvailable(), !jobs.isEmpty {
            await withTaskGroup(of: Void.self) { group in
                for job in jobs { group.addTask { await worker.execute(job) } }
            }
        }
    }

    /// Relays and works.
    func settle() async throws {
        try await relay()
        try await work()
    }

    /// What was for later is due; nobody has asked to be left alone.
    func makeDue() async throws {
        try await script(
            """
            UPDATE jobs.job SET run_at = now() WHERE state = 'scheduled';
            UPDATE webhooks.endpoint SET rest_until = NULL
            """
        )
    }

    /// Takes all jobs that run from their workers, as half a minute without a word of them would.
    func loseWorkers() async throws {
        try await script(
            """
            UPDATE jobs.job SET lease_until = now() - interval '1 second' WHERE state = 'running';
            UPDATE webhooks.delivery SET next_attempt_at = next_attempt_at - interval '30 seconds';
            UPDATE webhooks.attempt SET started_at = started_at - interval '30 seconds' WHERE outcome = 'unknown'
            """
        )
        try await worker().upkeep.rescue()
    }

    /// Takes all jobs from a worker once what it sends has arrived.
    func loseWorker(sendingTo inbox: Inbox) async throws {
        let lost = worker()
        let jobs = try await lost.claimAll()
        try await withThrowingTaskGroup { group in
            for job in jobs { group.addTask { await lost.execute(job) } }
            await inbox.arrival()
            try await loseWorkers()
            inbox.release()
            try await group.waitForAll()
        }
    }

    /// Begins a replay of everything.
    func replay(to endpoint: WebhookID) async throws {
        try await write { transaction in
            let since = Timestamp(secondsSinceEpoch: 0)
            _ = try await replays.begin(to: endpoint, since: since, in: transaction)
        }
    }

    /// Brings back what was given up.
    func resume() async throws {
        try await TendWebhooks.resume(test.worker, database)
    }

    func script(_ sql: String) async throws {
        try await test.administrator.unsafeScript(sql)
    }

    // MARK: Looking

    func states(of endpoint: WebhookID) async throws -> [WebhookDelivery.State] {
        try await deliveries.deliveries(to: endpoint, PageRequest(limit: 100, after: nil), of: tenant).items.map(
            \.state
        )
    }

    func attempts(of event: EventID, to endpoint: WebhookID) async throws -> [WebhookAttempt] {
        try await deliveries.delivery(event, to: endpoint, of: tenant).attempts.reversed()
    }

    func endpoint(_ id: WebhookID) async throws -> WebhookEndpoint {
        try await endpoints.endpoint(id, in: tenant)
    }

    /// How many seconds from now each job that waits is due, by its kind's last word.
    func waiting() async throws -> [String: Double] {
        let rows = try await test.administrator.query(SelectWaiting())
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    func count(_ table: Table) async throws -> Int {
        switch table {
        case .attempts: try await test.administrator.query(CountAttempts())[0]
        case .deliveries: try await test.administrator.query(CountDeliveries())[0]
        case .jobs: try await test.administrator.query(CountJobRows())[0]
        }
    }

    enum Table { case attempts, deliveries, jobs }
}

extension JobWorker {
    /// What is due of both queues, as their own loops claim it.
    func claimAll() async throws -> [ClaimedJob] {
        try await upkeep.releaseDue()
        return try await claimAvailable()
    }

    func claimAvailable() async throws -> [ClaimedJob] {
        var jobs: [ClaimedJob] = []
        for queue in WebhookHouse.queues { jobs += try await claim(from: queue, slots: queue.slots) }
        return jobs
    }
}

private struct SelectWaiting: Statement {
    static let sql = """
        SELECT split_part(kind, '.', 2), extract(epoch FROM run_at - now())::float8 FROM jobs.job
        WHERE state <> 'running' ORDER BY run_at
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (String, Double) { (try row.read(), try row.read()) }
}

private struct CountAttempts: Statement {
    static let sql = "SELECT count(*) FROM webhooks.attempt"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct CountDeliveries: Statement {
    static let sql = "SELECT count(*) FROM webhooks.delivery"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct CountJobRows: Statement {
    static let sql = "SELECT count(*) FROM jobs.job"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
