/// Thrown where a deadline passed.
public struct DeadlinePassed: Error {}

/// Runs `body`, and cancels it when `pause` has returned.
///
/// Returns only when `body` has; so `body` must end soon after it was cancelled.
///
/// - Parameter pause: waits for as long as it is told; only tests give another.
/// - Throws: `DeadlinePassed`, or what `body` throws.
public func withDeadline<Result: Sendable>(
    _ deadline: Duration,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await pause(deadline)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else { throw DeadlinePassed() }
        return result
    }
}
