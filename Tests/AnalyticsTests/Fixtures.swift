internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport

@testable import Analytics

extension TestDatabase {
    var tenants: TenantDatabase { TenantDatabase(pool: app) }

    @discardableResult
    func record(_ entries: [LedgerEntry], in tenantID: TenantID, clock: WallClock = .system) async throws -> Int {
        try await tenants.transaction(in: tenantID) { try await $0.record(entries, clock: clock) }
    }

    /// As the owner does for an approved backfill: months of long ago.
    func ensurePartition(month: String) async throws {
        try await administrator.unsafeScript(
            "SET ROLE agentes_owner; SELECT analytics.ensure_partition('\(month)'); RESET ROLE"
        )
    }

    func countLedgerRows() async throws -> [Int] {
        try await administrator.query(CountLedgerRows())[0]
    }
}

extension Timestamp {
    /// A moment written as RFC 3339.
    static func at(_ text: String) -> Timestamp {
        Timestamp(text) ?? Timestamp(secondsSinceEpoch: 0)
    }
}

struct CountLedgerRows: Statement {
    static let sql = "SELECT (SELECT count(*) FROM analytics.usage_key), (SELECT count(*) FROM analytics.usage_event)"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> [Int] {
        [try row.read(Int.self), try row.read(Int.self)]
    }
}

struct SelectQuantities: Statement {
    static let sql = "SELECT meter, quantity FROM analytics.usage_event ORDER BY meter"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (meter: Meter, quantity: ExactDecimal) {
        (try row.read(Meter.self), try row.read(ExactDecimal.self))
    }
}
