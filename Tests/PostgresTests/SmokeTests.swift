import Logging
import Postgres
import Primitives
import Testing

struct One: Statement {
    static let sql = "SELECT $1::int8, current_setting('app.tenant_id', true)"
    let value: Int
    var bindings: Bindings { [value] }
    static func decode(_ row: inout RowReader) throws -> (Int, String?) {
        (try row.read(Int.self), try row.read(String?.self))
    }
}

@Test("smoke")
func smoke() async throws {
    let pool = PostgresPool(
        configuration: PostgresConfiguration(url: Redacted("postgres://postgres:secret@127.0.0.1:56432/postgres")),
        logger: Logger(label: "test")
    )
    let rows = try await pool.query(One(value: 7), settings: [SessionSetting(name: "app.tenant_id", value: "x")])
    #expect(rows.count == 1 && rows[0] == (7, "x"))
    let (a, b) = try await pool.batch(One(value: 1), One(value: 2))
    #expect(a[0].0 == 1 && b[0].0 == 2)
    let sum = try await pool.transaction(settings: [SessionSetting(name: "app.tenant_id", value: "y")]) { tx in
        let a = try await tx.query(One(value: 1))
        #expect(a[0].1 == "y")
        return a[0].0 + 1
    }
    #expect(sum == 2)
    await withTaskGroup(of: Void.self) { g in
        for i in 0..<1000 { g.addTask { #expect((try? await pool.query(One(value: i)))?[0].0 == i) } }
    }
    print(pool.state)
}
