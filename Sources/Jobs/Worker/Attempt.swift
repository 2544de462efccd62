internal import Synchronization

/// A handler at work.
///
/// It may go on when it is told to stop, so its result is awaited until it is given up.
final class Attempt: Sendable {
    private struct GivenUp: Error {}

    private struct State {
        var result: Result<JobOutcome, any Error>?
        var waiter: CheckedContinuation<Result<JobOutcome, any Error>, Never>?
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ perform: @escaping @Sendable () async throws -> JobOutcome) {
        let task = Task {
            do {
                end(.success(try await perform()))
            } catch {
                end(.failure(error))
            }
        }
        self.task.withLock { $0 = task }
    }

    /// What the handler made of the job, or an error once it is abandoned.
    ///
    /// For one caller, who may be cancelled, and waits all the same.
    var result: Result<JobOutcome, any Error> {
        get async {
            await withCheckedContinuation { waiter in
                let known = state.withLock { state in
                    state.waiter = state.result == nil ? waiter : nil
                    return state.result
                }
                if let known { waiter.resume(returning: known) }
            }
        }
    }

    func cancel() {
        task.withLock { $0 }?.cancel()
    }

    /// Nobody waits for the handler any more.
    func abandon() {
        end(.failure(GivenUp()))
    }

    private func end(_ result: Result<JobOutcome, any Error>) {
        let waiter = state.withLock { state in
            guard state.result == nil else { return nil as CheckedContinuation<Result<JobOutcome, any Error>, Never>? }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }
}
