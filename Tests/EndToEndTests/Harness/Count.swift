internal import Synchronization

/// A number that many tasks change.
final class Count: Sendable {
    private let number: Atomic<Int>

    init(_ number: Int = 0) {
        self.number = Atomic(number)
    }

    var value: Int { number.load(ordering: .relaxed) }

    /// - Returns: the number after it.
    @discardableResult
    func add(_ difference: Int) -> Int {
        number.add(difference, ordering: .relaxed).newValue
    }
}
