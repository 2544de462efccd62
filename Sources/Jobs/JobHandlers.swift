internal import Primitives

/// Which kinds of jobs a process can do, and how.
///
/// Jobs of other kinds are left alone: another version knows them.
public struct JobHandlers: Sendable {
    struct Handler: Sendable {
        let backoff: Backoff
        let maximumDuration: Duration
        let perform: @Sendable (JSONObject, JobContext) async throws -> JobOutcome
    }

    private var handlers: [String: Handler] = [:]

    public init() {}

    /// - Parameter perform: may run more than once for one job (its process may be killed before it is known to be done), so
    ///   its effect is either committed by `JobContext.complete` or harmless to repeat.
    public mutating func register<J: Job>(
        _ type: J.Type,
        _ perform: @escaping @Sendable (J, JobContext) async throws -> JobOutcome
    ) {
        precondition(handlers[J.kind] == nil, "two handlers for jobs of kind \(J.kind)")
        handlers[J.kind] = Handler(backoff: J.backoff, maximumDuration: J.maximumDuration) { payload, context in
            try await perform(try J(payload: payload), context)
        }
    }

    var kinds: [String] { handlers.keys.sorted() }

    subscript(kind: String) -> Handler? { handlers[kind] }
}
