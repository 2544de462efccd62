internal import Primitives
internal import Tenancy

/// A delivery as it stands when its job begins, and what is to be done with it.
struct Sending: Sendable {
    let state: WebhookDelivery.State
    let round: Int
    let step: Int
    let turnAt: Timestamp?
    let body: String
    let endpointName: String
    let url: String
    let sealedHeaders: [UInt8]
    /// The current one, then the one from before while it still signs.
    let sealedSecrets: [[UInt8]]
    let retryCount: Int
    let timeout: Duration
    let rate: Int?
    let isActive: Bool
    let disabled: WebhookEndpoint.Disabled.Reason?
    let isFailing: Bool
    let restUntil: Timestamp?
    /// The database's time.
    let now: Timestamp
    /// Whether those about the same are sent one after the other.
    let isOrdered: Bool
    /// Whether one of them comes before it.
    let isBehind: Bool
    /// That were begun.
    let attempts: Int
    /// When this attempt was to be made; nil for one that stands behind another, or has arrived.
    let dueAt: Timestamp?
    /// Since when the last attempt is under way, or lost with its worker; nil where it is known what came of it.
    let openSince: Timestamp?
    /// nil where it is not known.
    let organizationState: Organization.State?

    /// How late a turn may be taken, since nobody wakes to the millisecond.
    private static let turnTolerance = Duration.milliseconds(100)
    /// How long a suspended organisation's deliveries rest before they ask again.
    private static let suspension = Duration.seconds(15 * 60)
    /// Longer than an attempt may take, and its outcome to be written: what is open for longer is lost.
    private static let longestAttempt = Duration.seconds(20)
    /// How long until one that is under way is looked at again.
    private static let glance = Duration.seconds(2)

    enum Step: Hashable {
        /// The job has nothing to do.
        case discard(because: String)
        case end(WebhookDelivery.State, because: String)
        case wait(Duration)
        /// To the queue in which nobody waits behind a receiver that fails.
        case move
        /// Until those before it are settled.
        case standBehind
        case takeTurn(rate: Int)
        case send
    }

    var isEnabled: Bool { isActive && disabled == nil }

    /// Whether the attempt that was due had begun when its worker was lost: one of an earlier time is not its.
    var hasBegun: Bool {
        guard let openSince, let dueAt else { return false }
        return openSince >= dueAt
    }

    /// Whether another job sends it at this moment, that of a round which a replay or a probe has ended.
    private var isUnderWay: Bool { openSince.map { now - $0 < Self.longestAttempt } ?? false }

    /// - Parameters:
    ///   - isFirst: whether the job is of the queue of first attempts.
    ///   - isAgain: whether the job was begun before: then the attempt that is open is its own, and over.
    func step(of piece: DeliveryPiece, isFirst: Bool, isAgain: Bool) -> Step {
        guard round == piece.round else { return .discard(because: "superseded") }
        // An attempt of the round before may have arrived meanwhile; who asked by hand gets another.
        guard state == .pending || piece.trigger == .manual else { return .discard(because: "settled") }
        switch organizationState {
        case .deleted: return .end(.failed, because: "the organisation is deleted")
        case .suspended: return .wait(Self.suspension)
        case .active, nil: break
        }
        guard isEnabled || piece.trigger.reachesDisabled else {
            return .end(.held, because: "the endpoint is disabled")
        }
        if isFirst, isFailing { return .move }
        // Both before the rate's turn, which would be another's meanwhile. What arrives is not sent again; who asked by hand
        // does not wait for that, nor for those ahead that are held: nobody would call it.
        if isUnderWay, !isAgain, piece.trigger != .manual { return .wait(Self.glance) }
        if isBehind, isEnabled || piece.trigger != .manual { return .standBehind }
        return turn
    }

    private var turn: Step {
        let isResting = restUntil.map { $0 > now } ?? false
        guard let rate else {
            if isResting, let restUntil { return .wait(restUntil - now) }
            return .send
        }
        guard let turnAt, !isResting || turnAt >= restUntil ?? now, now - turnAt <= Self.turnTolerance else {
            return .takeTurn(rate: rate)
        }
        return turnAt > now ? .wait(turnAt - now) : .send
    }

    /// Whether a failure is the end of it: of what is sent once.
    func isOnce(_ trigger: WebhookAttempt.Trigger) -> Bool {
        trigger == .test || trigger == .probe || !isEnabled
    }
}

extension WebhookAttempt.Trigger {
    /// What somebody asked for, and what finds out whether the receiver works again.
    fileprivate var reachesDisabled: Bool { self == .manual || self == .test || self == .probe }
}
