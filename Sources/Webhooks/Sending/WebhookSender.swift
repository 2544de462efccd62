public import Jobs
public import Outbound
internal import Postgres
internal import Primitives
public import Secrets
internal import Tenancy

/// Sends deliveries: the handlers of the queues `webhooks` and `webhook_retries`.
///
/// Each attempt is a row before its socket opens, so a receiver never saw more of them than there are rows. What it made of
/// it, what becomes of the delivery, of its endpoint and of the next attempt is one commit, which ends the job.
public struct WebhookSender: Sendable {
    /// A tenant's receivers that hang hold half of the slots at most, and those of which it is known hold none of the first.
    public static let queues: [JobWorkerConfiguration.Queue] = [
        .init(.webhooks, slots: 64, tenantLimit: 32), .init(.webhookRetries, slots: 32, tenantLimit: 16),
    ]

    /// After so many failures of our own the delivery fails.
    private static let tries = 5
    /// Whoever has to wait longer gives its slot to somebody else.
    private static let longestWait = Duration.seconds(1)
    /// When one that stands behind another looks again by itself.
    ///
    /// It is called before that; but no delivery is without a job, whatever became of those ahead of it.
    private static let patience = Duration.seconds(3600)

    private let outbound: OutboundClient
    private let vault: EndpointVault
    private let keys: SigningKeys
    private let clock: WallClock
    private let pause: @Sendable (Duration) async throws -> Void
    let chance: @Sendable () -> Double

    public init(outbound: OutboundClient, masterKey: MasterKey, keys: SigningKeys) {
        self.init(
            outbound: outbound,
            masterKey: masterKey,
            keys: keys,
            clock: .system,
            // The turns of an endpoint's rate are moments.
            pause: { try await Task.sleep(for: $0) },
            chance: { .random(in: 0...1) }
        )
    }

    /// - Parameters:
    ///   - pause: returns after so long.
    ///   - chance: from 0 to 1, how much later than the schedule says an attempt is made.
    init(
        outbound: OutboundClient,
        masterKey: MasterKey,
        keys: SigningKeys,
        clock: WallClock,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        chance: @escaping @Sendable () -> Double
    ) {
        self.outbound = outbound
        self.keys = keys
        self.clock = clock
        self.pause = pause
        self.chance = chance
        vault = EndpointVault(masterKey: masterKey)
    }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(DeliverWebhook.self) { try await deliver($0.piece, isFirst: true, $1) }
        handlers.register(RetryWebhook.self) { try await deliver($0.piece, isFirst: false, $1) }
        handlers.register(ReplayWebhooks.self) { try await $0.perform($1) }
        handlers.register(ProbeWebhook.self) { try await $0.perform($1, clock: clock) }
    }

    private func deliver(_ piece: DeliveryPiece, isFirst: Bool, _ context: JobContext) async throws -> JobOutcome {
        guard !context.isLastCrash else { return try await rest(piece, context) }
        do {
            while true {
                switch try await begin(piece, isFirst: isFirst, context) {
                case .over(let reason): return .discard(because: reason)
                case .wait(let delay):
                    guard delay <= Self.longestWait else { return .snooze(delay - Self.longestWait) }
                    try await pause(delay)
                case .behind:
                    if try await standBehind(piece, context) { return .snooze(Self.patience) }
                case .move:
                    _ = try await context.complete { try await $0.enqueue(RetryWebhook(piece)) }
                    return .completed
                case .attempt(let number, let sending):
                    try await attempt(piece, number, sending, context)
                    return .completed
                }
            }
        } catch  where !Task.isCancelled && context.attempt >= Self.tries && !isLeaseLost(error) {
            return try await giveUp(piece, context)
        }
    }

    private enum Beginning: Sendable {
        case over(because: String)
        case wait(Duration)
        case behind
        case move
        /// Its row is committed.
        case attempt(Int, Sending)
    }

    private func begin(_ piece: DeliveryPiece, isFirst: Bool, _ context: JobContext) async throws -> Beginning {
        try await context.transaction { transaction in
            let tenantID = transaction.tenantID
            guard let sending = try await transaction.queryFirst(SelectSending(tenantID: tenantID, piece: piece)) else {
                return .over(because: "the endpoint is not there any more")
            }
            let isAgain = context.attempt > 1 || context.crashes > 0
            var step = sending.step(of: piece, isFirst: isFirst, isAgain: isAgain)
            if case .takeTurn(let rate) = step {
                let take = TakeTurn(tenantID: tenantID, piece: piece, rate: rate)
                guard let delay = try await transaction.queryFirst(take) else {
                    return .over(because: "the endpoint is not there any more")
                }
                step = delay > .zero ? .wait(delay) : .send
            }
            switch step {
            case .discard(let reason): return .over(because: reason)
            case .end(let state, let reason):
                try await transaction.end(piece, as: state, isOrdered: sending.isOrdered)
                return .over(because: reason)
            case .standBehind: return .behind
            case .wait(let delay): return .wait(delay)
            case .move: return .move
            case .takeTurn, .send:
                let insertion = InsertAttempt(tenantID: tenantID, piece: piece, sending: sending)
                // Whoever was first has changed it: to be looked at again.
                guard let number = try await transaction.queryFirst(insertion) else { return .wait(.zero) }
                return .attempt(number, sending)
            }
        }
    }

    /// - Returns: false where nobody is ahead of it any more.
    private func standBehind(_ piece: DeliveryPiece, _ context: JobContext) async throws -> Bool {
        try await context.transaction { transaction in
            let tenantID = transaction.tenantID
            try await transaction.execute(LockOrder(tenantID: tenantID, piece: piece))
            return try await transaction.execute(StandBehind(tenantID: tenantID, piece: piece)) == 1
        }
    }

    private func attempt(
        _ piece: DeliveryPiece,
        _ number: Int,
        _ sending: Sending,
        _ context: JobContext
    ) async throws {
        let result = try await send(piece, sending, of: context.tenantID)
        let settled = {
            try await context.complete { try await settle(piece, number, sending, result, in: $0) }
        }
        do {
            try await settled()
        } catch  where error.isContention {
            // What came of it is known: it is written, and not found out by sending it again.
            try await settled()
        }
    }

    /// - Throws: where the task was cancelled, or what is sealed cannot be opened; nobody knows of the first what arrived.
    private func send(_ piece: DeliveryPiece, _ sending: Sending, of tenantID: TenantID) async throws -> SendResult {
        let secrets = try sending.sealedSecrets.map { box in
            try vault.open(secret: box, of: piece.endpointID, in: tenantID)
        }
        let body = Array(sending.body.utf8)
        let signed = StandardWebhooks.sign(
            id: piece.eventID.description,
            at: clock.now(),
            body: body,
            with: secrets,
            signingKeys: [try await keys.signing()]
        )
        let own = [("Content-Type", "application/json"), ("User-Agent", "AgentesDeConversao-Webhooks/1")]
        let request = OutboundRequest(
            .post,
            sending.url,
            headers: try vault.open(headers: sending.sealedHeaders, of: piece.endpointID, in: tenantID)
                + own.map { (name: $0.0, value: $0.1) } + signed.fields(.standard),
            body: body,
            deadline: sending.timeout
        )
        let start = ContinuousClock.now
        let result: Result<OutboundResponse, OutboundError>
        do throws(OutboundError) {
            result = .success(try await outbound.send(request))
        } catch {
            if error.code == .cancelled { throw CancellationError() }
            result = .failure(error)
        }
        return SendResult(result, duration: .now - start, now: clock.now())
    }

    private func isLeaseLost(_ error: any Error) -> Bool { (error as? Fault)?.code == .jobLeaseLost }
}

extension Error {
    /// Whether a transaction was ended, with nothing committed, because others wanted what it had: as a deadlock's victim.
    fileprivate var isContention: Bool {
        let error = (self as? Fault)?.cause ?? self
        guard let error = error as? PostgresError else { return false }
        return error.wasRolledBack && error.sqlState?.class == "40"
    }
}
