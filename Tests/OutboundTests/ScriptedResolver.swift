internal import Synchronization
internal import Testing
@testable internal import Outbound

/// Gives one answer after the other, whatever the name; the last one again and again.
final class ScriptedResolver: NameResolver {
    private let answers: [[IPAddress]]
    private let names = Mutex<[String]>([])

    init(_ answers: [String]...) {
        self.answers = answers.map { $0.compactMap { IPAddress($0) } }
    }

    /// What was asked for.
    var asked: [String] { names.withLock { $0 } }

    func addresses(of name: String) async throws -> [IPAddress] {
        let count = names.withLock {
            $0.append(name)
            return $0.count
        }
        guard let answer = answers.prefix(count).last else { throw NameResolutionError.notFound }
        return answer
    }
}

/// Never answers.
struct SilentResolver: NameResolver {
    func addresses(of name: String) async throws -> [IPAddress] {
        try await forever()
        return []
    }
}

/// Returns only when the task is cancelled.
func forever() async throws {
    for await _ in AsyncStream<Never>(unfolding: {
        try? await Task.sleep(for: .seconds(3600)); return nil
    }) {}
    try Task.checkCancellation()
}
