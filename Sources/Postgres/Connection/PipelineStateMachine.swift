/// Follows the results of one pipeline, from the first command to its Sync.
///
/// libpq answers each queued command with its results and then an end mark; after an error the server skips the commands
/// up to the Sync. What came back counts only once the Sync did: with an implicit transaction the commit happens there, so
/// that a deferred constraint fails after all commands succeeded.
struct PipelineStateMachine<Output> {
    enum Command: Equatable {
        /// Prepares the statement of that name.
        case prepare(String)
        /// Drops the statement of that name.
        case deallocate(String)
        /// A step of the exchange, by its index, run from a statement that was prepared earlier or not.
        case step(Int, wasCached: Bool)
    }

    enum Event {
        case success(Output)
        case failure(PostgresError)
        /// Skipped because of an error before it.
        case skipped
        case endOfCommand
        case sync
        case connectionLost(PostgresError)
    }

    enum Action {
        case readMore
        case finish(Result<[Output], PostgresError>)
        /// The conversation makes no sense any more: close the connection.
        case close(PostgresError)
    }

    private let commands: [Command]
    private var current = 0
    private var outputs: [Output] = []
    private(set) var failure: PostgresError?
    /// Which command failed; nil when it was the Sync.
    private(set) var failedCommand: Command?
    /// Statements that the server confirmed as prepared, also when the exchange failed later.
    private(set) var prepared: [String] = []

    init(_ commands: [Command]) {
        self.commands = commands
    }

    /// The command whose results come next; nil when only the Sync is left.
    var awaited: Command? { current < commands.count ? commands[current] : nil }

    mutating func receive(_ event: Event) -> Action {
        switch event {
        case .success(let output):
            switch awaited {
            case .prepare(let name)?: prepared.append(name)
            case .deallocate?: break
            case .step?: outputs.append(output)
            case nil: return violation("a result after the last command")
            }
            return .readMore
        case .failure(let error):
            if failure == nil {
                failure = error
                failedCommand = awaited
            }
            return .readMore
        case .skipped:
            return failure == nil ? violation("skipped without an error") : .readMore
        case .endOfCommand:
            if current < commands.count { current += 1 }
            return .readMore
        case .sync:
            if let failure { return .finish(.failure(failure)) }
            let steps = commands.count { if case .step = $0 { true } else { false } }
            guard current == commands.count, outputs.count == steps else {
                return violation("Sync before the last result")
            }
            return .finish(.success(outputs))
        case .connectionLost(let error):
            return .close(failure ?? error)
        }
    }

    private func violation(_ reason: String) -> Action {
        .close(PostgresError(.protocolViolation, reason: reason, effect: .unknown))
    }
}
