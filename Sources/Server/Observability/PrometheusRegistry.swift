internal import CoreMetrics
internal import Synchronization

/// What swift-metrics records, kept in memory and shown in Prometheus' text format (version 0.0.4).
///
/// Counters and gauges as they are; timers and recorders as histograms in seconds or units, with fixed bounds.
final class PrometheusRegistry: MetricsFactory {
    /// Made several times a request, so what costs is done where it is written.
    struct Series: Hashable {
        private struct Label: Hashable {
            let name: String
            let value: String
        }

        private let label: String
        private let labels: [Label]

        init(_ label: String, _ dimensions: [(String, String)]) {
            self.label = label
            labels = dimensions.map { Label(name: $0.0, value: $0.1) }
        }

        var name: String {
            label.map { $0.isLetter || $0.isNumber || $0 == "_" ? String($0) : "_" }.joined()
        }

        func line(_ suffix: String = "", _ extra: [String] = [], _ value: Double) -> String {
            let all = labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.sorted() + extra
            let list = all.isEmpty ? "" : "{\(all.joined(separator: ","))}"
            let text = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
            return "\(name)\(suffix)\(list) \(text)\n"
        }

        private static func escape(_ value: String) -> String {
            value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        }
    }

    private struct State {
        var counters: [Series: PrometheusCounter] = [:]
        var gauges: [Series: PrometheusGauge] = [:]
        var histograms: [Series: PrometheusHistogram] = [:]
    }

    /// A route's and a status's combinations are few; a label that takes any value must not fill the memory.
    private static let maximumSeries = 10_000

    private let state = Mutex(State())

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        state.withLock { $0.counters.handler(for: Series(label, dimensions), limit: Self.maximumSeries) { .init() } }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        state.withLock { $0.gauges.handler(for: Series(label, dimensions), limit: Self.maximumSeries) { .init() } }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions) }
        return state.withLock {
            $0.gauges.handler(for: Series(label, dimensions), limit: Self.maximumSeries) { .init() }
        }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> PrometheusHistogram {
        state.withLock { $0.histograms.handler(for: Series(label, dimensions), limit: Self.maximumSeries) { .init() } }
    }

    /// The text that `/metrics` answers.
    var exposition: String {
        let state = state.withLock { $0 }
        var text = ""
        for (name, series) in Dictionary(grouping: state.counters, by: \.key.name).sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) counter\n"
            for (key, counter) in series { text += key.line("", [], counter.value) }
        }
        for (name, series) in Dictionary(grouping: state.gauges, by: \.key.name).sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) gauge\n"
            for (key, gauge) in series { text += key.line("", [], gauge.value) }
        }
        for (name, series) in Dictionary(grouping: state.histograms, by: \.key.name).sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) histogram\n"
            for (key, histogram) in series {
                let reading = histogram.reading
                for (bound, count) in reading.cumulative {
                    text += key.line("_bucket", ["le=\"\(bound)\""], Double(count))
                }
                text += key.line("_sum", [], reading.sum) + key.line("_count", [], Double(reading.count))
            }
        }
        return text
    }
}

extension Dictionary where Key == PrometheusRegistry.Series {
    fileprivate mutating func handler(for key: Key, limit: Int, _ make: () -> Value) -> Value {
        if let known = self[key] { return known }
        let handler = make()
        if count < limit { self[key] = handler }
        return handler
    }
}
