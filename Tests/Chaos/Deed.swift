internal import Jobs
internal import Primitives
internal import Tenancy

/// A job with an effect that is easy to count.
struct Deed: Job {
    static let kind = "chaos.deed"
    static let queue: JobQueue = "chaos"
    static let maximumAttempts = 100
    static let backoff = Backoff(base: .milliseconds(50), cap: .seconds(1))

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// A deed that takes longer than a lease lasts.
struct LongDeed: Job {
    static let kind = "chaos.long_deed"
    static let queue = Deed.queue
    static let maximumAttempts = Deed.maximumAttempts

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// The same, of which the process is frozen meanwhile.
struct FrozenDeed: Job {
    static let kind = "chaos.frozen_deed"
    static let queue = Deed.queue
    static let maximumAttempts = Deed.maximumAttempts

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// Made by the clock.
struct Tick: Job {
    static let kind = "chaos.tick"
    static let queue = Deed.queue
    static let maximumAttempts = Deed.maximumAttempts

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// One that no process knows.
struct Riddle: Job {
    static let kind = "chaos.riddle"
    static let queue = Deed.queue

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// Writes down each beginning, and applies the effect in every way that a handler may: at once, after a while, in parts, after
/// failures before, within and behind the transaction.
struct DeedHandler: Sendable {
    struct Failure: Error {}

    let process: String
    let lease: Duration

    func register(in handlers: inout JobHandlers) {
        handlers.register(Deed.self) { _, context in
            try await begin(Deed.kind, context)
            switch Int.random(in: 0..<100) {
            case 0..<8: throw Failure()
            case 8..<12:
                try await context.complete { transaction in
                    try await transaction.execute(InsertEffect(context))
                    throw Failure()
                }
            case 12..<16:
                try await apply(context)
                throw Failure()
            case 16..<20:
                for _ in 0..<3 {
                    _ = try await context.transaction { try await $0.execute(InsertPart(jobID: context.jobID)) }
                }
            case 20..<60: try await Task.sleep(for: .milliseconds(Int.random(in: 20...400)))
            default: break
            }
            try await apply(context)
            return .completed
        }
        handlers.register(LongDeed.self) { try await takeLong(LongDeed.kind, $1) }
        handlers.register(FrozenDeed.self) { try await takeLong(FrozenDeed.kind, $1) }
        handlers.register(Tick.self) { _, context in
            try await apply(context)
            return .completed
        }
    }

    private func takeLong(_ kind: String, _ context: JobContext) async throws -> JobOutcome {
        try await begin(kind, context)
        try await Task.sleep(for: lease * 1.5)
        try await apply(context)
        return .completed
    }

    private func begin(_ kind: String, _ context: JobContext) async throws {
        let beginning = InsertBeginning(
            jobID: context.jobID,
            kind: kind,
            attempt: context.attempt,
            crashes: context.crashes,
            process: process
        )
        _ = try await context.database.transaction(in: context.tenantID) { try await $0.execute(beginning) }
    }

    private func apply(_ context: JobContext) async throws {
        _ = try await context.complete { try await $0.execute(InsertEffect(context)) }
    }
}
