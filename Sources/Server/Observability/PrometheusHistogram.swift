internal import CoreMetrics
internal import Synchronization

final class PrometheusHistogram: TimerHandler, RecorderHandler {
    /// Upper bounds in seconds, log-spaced from one millisecond to one minute.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private struct State {
        var counts = [Int](repeating: 0, count: PrometheusHistogram.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    struct Reading {
        let cumulative: [(bound: String, count: Int)]
        let sum: Double
        let count: Int
    }

    var reading: Reading {
        let state = state.withLock { $0 }
        var total = 0
        var cumulative: [(bound: String, count: Int)] = []
        for (index, count) in state.counts.enumerated() {
            total += count
            cumulative.append((index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf", total))
        }
        return Reading(cumulative: cumulative, sum: state.sum, count: total)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let index = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }
}
