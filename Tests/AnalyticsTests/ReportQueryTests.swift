internal import Primitives
internal import Testing

@testable import Analytics

@Suite struct ReportQueryTests {
    @Test("a day that does not exist is no day")
    func localDays() {
        #expect(LocalDay("2026-02-29") == nil)
        #expect(LocalDay("2026-2-01") == nil)
        #expect(LocalDay("1969-12-31") == nil)
        #expect(LocalDay("2024-02-29")?.description == "2024-02-29")
    }

    @Test("a period is at most 366 days, and ends no earlier than it begins")
    func periods() throws {
        let first = try #require(LocalDay("2024-01-01"))
        #expect(try ReportPeriod(from: first, to: #require(LocalDay("2024-12-31"))) != .last(days: 1))
        #expect(throws: Fault.self) { try ReportPeriod(from: first, to: #require(LocalDay("2025-01-01"))) }
        #expect(throws: Fault.self) { try ReportPeriod(from: first, to: #require(LocalDay("2023-12-31"))) }
    }

    @Test("what is no name of a zone is refused before Postgres reads it as a rule")
    func zoneNames() throws {
        for name in ["America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "UTC"] {
            #expect(try ReportTimeZone(name).name == name)
        }
        for name in ["", "FOO+3", "<-03>3", "America", "../etc/passwd", "America/", "America/São_Paulo", "a/b/c/d"] {
            #expect(throws: Fault.self, "\(name)") { try ReportTimeZone(name) }
        }
    }

    @Test("a rate has four places, halves are rounded away from zero, and nothing of nothing is no rate")
    func rates() {
        #expect(ExactDecimal.ratio(1, of: 3)?.description == "0.3333")
        #expect(ExactDecimal.ratio(2, of: 3)?.description == "0.6667")
        #expect(ExactDecimal.ratio(1, of: 20_000)?.description == "0.0001")
        #expect(ExactDecimal.ratio(5, of: 5) == ExactDecimal(1))
        #expect(ExactDecimal.ratio(0, of: 5) == .zero)
        #expect(ExactDecimal.ratio(0, of: 0) == nil)
    }
}
