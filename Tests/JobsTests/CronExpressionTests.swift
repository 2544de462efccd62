internal import Primitives
internal import Testing

@testable internal import Jobs

@Suite("A cron expression") struct CronExpressionTests {
    /// UTC, for ever.
    private let utc = ZoneOffsets(
        changes: [ZoneOffsets.Change(at: Timestamp(secondsSinceEpoch: 0), offset: 0)],
        validity: Timestamp(secondsSinceEpoch: 0)...Timestamp(secondsSinceEpoch: 4_000_000_000)
    )

    private func ticks(_ expression: String, from start: String, to end: String) throws -> [String] {
        let (start, end) = (try #require(Timestamp(start)), try #require(Timestamp(end)))
        return try CronExpression(expression).ticks(after: start, through: end, in: utc).map {
            String($0.description.prefix(16))
        }
    }

    @Test("is due at the minutes that all its fields name")
    func fields() throws {
        #expect(
            try ticks("*/20 9-10 * * *", from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z")
                == ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"].map { "2026-11-22T\($0)" }
        )
        #expect(
            try ticks("0 12 29 2 *", from: "2023-01-01T00:00:00Z", to: "2033-01-01T00:00:00Z")
                == ["2024-02-29T12:00", "2028-02-29T12:00", "2032-02-29T12:00"]
        )
        #expect(
            try ticks("5,10-14/2 0 1 1 *", from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z")
                == ["00:05", "00:10", "00:12", "00:14"].map { "2026-01-01T\($0)" }
        )
    }

    @Test("names Sunday twice, and of two day fields either is enough")
    func days() throws {
        for sunday in ["0", "7"] {
            #expect(
                try ticks("0 0 * * \(sunday)", from: "2026-11-16T00:00:00Z", to: "2026-11-30T00:00:00Z")
                    == ["2026-11-22T00:00", "2026-11-29T00:00"]
            )
        }
        #expect(
            try ticks("0 0 13 * 5", from: "2026-11-01T00:00:00Z", to: "2026-11-21T00:00:00Z")
                == ["2026-11-06T00:00", "2026-11-13T00:00", "2026-11-20T00:00"]
        )
        #expect(
            try ticks("0 0 18 * 5", from: "2026-11-14T00:00:00Z", to: "2026-11-21T00:00:00Z")
                == ["2026-11-18T00:00", "2026-11-20T00:00"]
        )
    }

    @Test("is after its beginning and up to its end")
    func bounds() throws {
        #expect(
            try ticks("* * * * *", from: "2026-11-22T00:00:00Z", to: "2026-11-22T00:02:00Z")
                == ["2026-11-22T00:01", "2026-11-22T00:02"]
        )
    }

    @Test(
        "that cannot be read is refused",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *", "1/2 * * * *", "a * * * *", "+1 * * * *", "-1 * * * *", "1,,2 * * * *", "1- * * * *",
            "@daily",
            "MON * * * *", "*/ * * * *", "1/2/3 * * * *",
        ]
    )
    func refused(_ expression: String) {
        #expect(throws: Fault.self) { try CronExpression(expression) }
    }

    @Test("catch-up: nothing, the last, or the newest so many of what was missed")
    func catchUp() {
        let due = (1...10).map { Timestamp(secondsSinceEpoch: Int64($0) * 300) }
        let now = Timestamp(secondsSinceEpoch: 3030)
        #expect(CatchUp.skip.chosen(from: due, now: now) == Array(due.suffix(1)))
        #expect(CatchUp.skip.chosen(from: due, now: now + .seconds(60)).isEmpty)
        #expect(CatchUp.last.chosen(from: due, now: now + .seconds(60)) == Array(due.suffix(1)))
        #expect(CatchUp.all(atMost: 3).chosen(from: due, now: now) == Array(due.suffix(3)))
        #expect(CatchUp.all(atMost: 100).chosen(from: due, now: now) == due)
    }
}
