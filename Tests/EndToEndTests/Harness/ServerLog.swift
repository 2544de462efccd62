internal import Primitives
internal import Synchronization

/// What a server prints: JSON, a line each.
final class ServerLog: Sendable {
    private struct State {
        var lines: [String] = []
        var hasEnded = false
        var waiters: [(predicate: @Sendable (String) -> Bool, continuation: CheckedContinuation<String?, Never>)] = []
    }

    private let state = Mutex(State())

    func append(_ line: String) {
        let waiting = state.withLock { state in
            state.lines.append(line)
            let waiting = state.waiters.filter { $0.predicate(line) }
            state.waiters.removeAll { $0.predicate(line) }
            return waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: line) }
    }

    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiting { waiter.continuation.resume(returning: nil) }
    }

    /// The first line of that kind, printed already or yet to come; nil if the server ends without one.
    func line(where predicate: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            let known: String?? = state.withLock { state in
                if let line = state.lines.first(where: predicate) { return .some(line) }
                if state.hasEnded { return .some(nil) }
                state.waiters.append((predicate, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    var lines: [String] { state.withLock(\.lines) }

    var text: String { lines.joined(separator: "\n") }

    /// The lines that no working server prints: errors, and what is not JSON.
    var complaints: [String] {
        lines.filter { line in
            guard let level = (try? JSON.parse(Array(line.utf8)))?.root["level"]?.string else { return true }
            return level == "error" || level == "critical"
        }
    }
}
