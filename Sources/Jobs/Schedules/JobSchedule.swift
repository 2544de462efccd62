public import Primitives

/// Jobs of the system that are made by the clock.
///
/// Where clocks are put forward over a tick, it is at the moment that they are; several of them are one. Where clocks are put
/// back, a tick that is twice is the first time only, unless the expression goes on in every hour, which then really is
/// there twice.
public struct JobSchedule: Sendable {
    /// Stable: where the schedule goes on is kept under it.
    ///
    /// A new name begins anew.
    public let name: String
    public let expression: CronExpression
    /// In the IANA zone of this name; of one that Postgres does not know no job is made, and the scheduler says so.
    public let zone: String
    public let catchUp: CatchUp
    let makeJob: @Sendable (Timestamp) -> NewJob

    /// - Parameter makeJob: the job of a tick.
    /// - Throws: `schedule_invalid`.
    public init(
        _ name: String,
        _ expression: String,
        zone: String = "UTC",
        catchUp: CatchUp = .last,
        makeJob: @escaping @Sendable (_ tick: Timestamp) -> NewJob
    ) throws(Fault) {
        self.name = name
        self.expression = try CronExpression(expression)
        self.zone = zone
        self.catchUp = catchUp
        self.makeJob = makeJob
    }
}

extension CronExpression {
    /// The moments after one and up to another, in their order.
    /// - Parameter offsets: valid from a day before to a day after.
    func ticks(after start: Timestamp, through end: Timestamp, in offsets: ZoneOffsets) -> [Timestamp] {
        guard start < end else { return [] }
        var ticks: Set<Timestamp> = []
        let firstDay = Self.day(of: start, in: offsets) - 1
        let lastDay = Self.day(of: end, in: offsets) + 1
        for day in firstDay...lastDay where includes(day: day) {
            for hour in hours {
                for minute in minutes {
                    let local = day * 86_400 + Int64(hour * 3600 + minute * 60)
                    switch offsets.occurrence(ofLocal: local) {
                    case .once(let moment), .never(let moment): ticks.insert(moment)
                    case .twice(let first, let second):
                        ticks.insert(first)
                        if isHourly { ticks.insert(second) }
                    }
                }
            }
        }
        return ticks.filter { $0 > start && $0 <= end }.sorted()
    }

    private static func day(of moment: Timestamp, in offsets: ZoneOffsets) -> Int64 {
        let local = moment.secondsSinceEpoch + offsets.offset(at: moment)
        return local / 86_400 - (local % 86_400 < 0 ? 1 : 0)
    }
}
