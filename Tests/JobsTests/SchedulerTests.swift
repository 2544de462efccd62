internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Schedules", .database) struct SchedulerTests {
    private static let hour: Int64 = 3600
    private static let day: Int64 = 86_400

    private func moment(_ text: String) throws -> Timestamp {
        try #require(Timestamp(text))
    }

    private func scheduler(
        _ expression: String,
        _ catchUp: CatchUp = .all(atMost: 1000)
    ) throws -> JobScheduler {
        let schedule = try JobSchedule("s", expression, zone: "America/Sao_Paulo", catchUp: catchUp) {
            NewJob(Note($0.description))
        }
        return JobScheduler([schedule], pool: try TestDatabase.current.worker, logger: TestDatabase.logger)
    }

    /// The ticks of which there are jobs, each as often as there are.
    private func jobs() async throws -> [Timestamp] {
        try await TestDatabase.current.administrator.query(SelectTicksOfJobs()).compactMap { Timestamp($0) }
    }

    @Test(
        "two nodes make each tick of a year once, over days of 23 and 25 hours in São Paulo",
        arguments: ["30 0 * * *", "30 23 * * *", "0 * * * *"]
    )
    func year(_ expression: String) async throws {
        let (start, end) = (try moment("2018-07-01T12:00:00Z"), try moment("2019-07-01T12:00:00Z"))
        let (first, second) = (try scheduler(expression), try scheduler(expression))
        try await first.makeDueJobs(at: start)
        var made = 0
        var now = start
        while now < end {
            now = min(now + .seconds(29 * Self.hour), end)
            // Their clocks differ by a quarter of an hour, and either may come first.
            let (early, late) = (now - .seconds(900), now)
            async let one = first.makeDueJobs(at: late)
            async let other = second.makeDueJobs(at: early)
            made += try await one + other
        }
        // What the later clock sees is the next look's, where the earlier one came first.
        made += try await first.makeDueJobs(at: end)
        let expected = try expectedTicks(expression, from: start, to: end)
        let ticks = try await jobs()
        #expect(made == expected.count)
        #expect(ticks.count == expected.count)
        #expect(Set(ticks).symmetricDifference(expected) == [])
    }

    /// Worked out by hand: clocks showed UTC-3 but from 2018-11-04T03:00Z to 2019-02-17T02:00Z, when they showed UTC-2.
    private func expectedTicks(_ expression: String, from start: Timestamp, to end: Timestamp) throws -> [Timestamp] {
        let (summer, winter) = (try moment("2018-11-04T03:00:00Z"), try moment("2019-02-17T02:00:00Z"))
        let midnights = stride(
            from: try moment("2018-06-30T00:00:00Z").secondsSinceEpoch,
            through: try moment("2019-07-02T00:00:00Z").secondsSinceEpoch,
            by: Int(Self.day)
        )
        var ticks: [Timestamp] = []
        switch expression {
        case "0 * * * *":
            // Each hour that passes, whatever clocks show.
            ticks = midnights.flatMap { midnight in
                (0..<24).map { Timestamp(secondsSinceEpoch: midnight + $0 * Self.hour) }
            }
        case "30 0 * * *":
            // 00:30 of 4 November does not exist: the tick is when clocks are put forward.
            ticks = midnights.map { midnight in
                let inSummer = Timestamp(secondsSinceEpoch: midnight + 5 * Self.hour / 2)
                let inWinter = inSummer + .seconds(Self.hour)
                if inWinter < summer || inSummer >= winter { return inWinter }
                return inSummer < summer ? summer : inSummer
            }
        default:
            // 23:30 of 16 February is twice: the tick is the first.
            ticks = midnights.map { midnight in
                let inSummer = Timestamp(secondsSinceEpoch: midnight + 51 * Self.hour / 2)
                return summer <= inSummer && inSummer < winter ? inSummer : inSummer + .seconds(Self.hour)
            }
        }
        return ticks.filter { $0 > start && $0 <= end }
    }

    @Test("a schedule begins when it is first seen, and misses nothing from then on")
    func beginning() async throws {
        let (first, second) = (try scheduler("0 * * * *"), try scheduler("0 * * * *"))
        async let one = first.makeDueJobs(at: try moment("2026-11-22T09:59:59Z"))
        async let other = second.makeDueJobs(at: try moment("2026-11-22T09:59:58Z"))
        #expect(try await one + other == 0)
        #expect(try await second.makeDueJobs(at: try moment("2026-11-22T10:00:00Z")) == 1)
        #expect(try await first.makeDueJobs(at: try moment("2026-11-22T10:00:30Z")) == 0)
        #expect(try await jobs() == [try moment("2026-11-22T10:00:00Z")])
    }

    @Test(
        "after an outage of a day there are as many jobs as the policy says, and two nodes make no more",
        arguments: [(CatchUp.skip, 1), (.last, 1), (.all(atMost: 5), 5), (.all(atMost: 1000), 24)]
    )
    func outage(_ catchUp: CatchUp, _ count: Int) async throws {
        let nodes = [try scheduler("0 * * * *", catchUp), try scheduler("0 * * * *", catchUp)]
        try await nodes[0].makeDueJobs(at: try moment("2026-11-21T10:30:00Z"))
        let back = try moment("2026-11-22T10:00:20Z")
        let made = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                for node in nodes { group.addTask { try await node.makeDueJobs(at: back) } }
            }
            return try await group.reduce(0, +)
        }
        #expect(made == count)
        let ticks = try await jobs()
        #expect(ticks == (0..<count).reversed().map { back - .seconds(20 + Int64($0) * Self.hour) })
        #expect(try await nodes[0].makeDueJobs(at: try moment("2026-11-22T11:00:00Z")) == 1)
    }

    @Test("nodes that think it is another time each make a tick's job once, and none goes back")
    func clocks() async throws {
        let nodes = [try scheduler("0 * * * *", .last), try scheduler("0 * * * *", .last)]
        try await nodes[0].makeDueJobs(at: try moment("2026-11-22T00:00:00Z"))
        let (early, late) = (try moment("2026-11-22T03:00:00Z"), try moment("2026-11-22T05:00:00Z"))
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await nodes[0].makeDueJobs(at: early) }
            group.addTask { try await nodes[1].makeDueJobs(at: late) }
            _ = try await group.reduce(0, +)
        }
        #expect(try await nodes[0].makeDueJobs(at: early) == 0)
        let ticks = try await jobs()
        #expect(ticks == Set(ticks).sorted())
        #expect([[late], [early], [early, late]].contains(ticks))
    }

    @Test("what time it is the database says, and a job of a schedule is the system's")
    func databaseTime() async throws {
        let database = try TestDatabase.current
        let scheduler = try scheduler("* * * * *", .last)
        try await scheduler.makeDueJobs()
        try await database.administrator.unsafeScript(
            "UPDATE jobs.tick SET tick = now() - interval '2 minutes' WHERE tick > '2000-01-01'"
        )
        #expect(try await scheduler.makeDueJobs() == 1)
        let claimed = try await database.jobWorker().claim()
        #expect(claimed.map(\.tenantID) == [.none])
    }

    @Test("a schedule that fails, by a zone that Postgres does not know, keeps none after it from its jobs")
    func unknownZone() async throws {
        let schedules = try ["America/Nowhere", "America/Sao_Paulo"].map { zone in
            try JobSchedule(zone, "* * * * *", zone: zone) { NewJob(Note($0.description)) }
        }
        let scheduler = JobScheduler(schedules, pool: try TestDatabase.current.worker, logger: TestDatabase.logger)
        try await scheduler.makeDueJobs(at: try moment("2026-11-22T00:00:00Z"))
        #expect(try await scheduler.makeDueJobs(at: try moment("2026-11-22T00:05:00Z")) == 1)
        #expect(try await jobs() == [try moment("2026-11-22T00:05:00Z")])
    }
}

private struct SelectTicksOfJobs: Statement {
    static let sql = "SELECT payload->>'text' FROM jobs.job JOIN jobs.tick ON job_id = id ORDER BY tick"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
