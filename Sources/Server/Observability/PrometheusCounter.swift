internal import CoreMetrics
internal import Synchronization

final class PrometheusCounter: CounterHandler {
    private let total = Mutex(0.0)

    var value: Double { total.withLock { $0 } }

    func increment(by amount: Int64) { total.withLock { $0 += Double(amount) } }
    func reset() { total.withLock { $0 = 0 } }
}
