import FoundationEssentials
import Logging
import Postgres
import Primitives
import TestSupport

/// `SELECT` of one bound value, with the type that the value declares.
struct Echo<Value: PostgresEncodable & PostgresDecodable>: Statement {
    static var sql: String { "SELECT $1" }
    let value: Value
    var bindings: Bindings { [value] }
    static func decode(_ row: inout RowReader) throws -> Value { try row.read() }
}

struct EchoOptional<Value: PostgresEncodable & PostgresDecodable>: Statement {
    static var sql: String { "SELECT $1" }
    let value: Value?
    var bindings: Bindings { [value] }
    static func decode(_ row: inout RowReader) throws -> Value? { try row.read() }
}

/// The server's text for a bound value, and back.
struct AsText<Value: PostgresEncodable>: Statement {
    static var sql: String { "SELECT $1::text" }
    let value: Value
    var bindings: Bindings { [value] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

struct SelectSetting: Statement {
    static let sql = "SELECT nullif(current_setting('app.tenant_id', true), '')"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String? { try row.read() }
}

/// As `SelectSetting`, of the tenant that it sets itself.
struct SelectOwnSetting: Statement {
    static let sql = SelectSetting.sql
    static let settings = [
        SessionSetting(name: "app.tenant_id", value: "own"), SessionSetting(name: "jit", value: "off"),
    ]
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String? { try row.read() }
}

struct SelectBackend: Statement {
    static let sql = "SELECT pg_backend_pid()"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

struct Sleep: Statement {
    static let sql = "SELECT pg_sleep($1) IS NULL"
    let seconds: Double
    var bindings: Bindings { [seconds] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}

struct SelectOne: Statement {
    static let sql = "SELECT 1"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// Tables `parent (id)` and `child (id, parent_id)` with a deferred foreign key, made by `makeTables`.
struct InsertParent: Command {
    static let sql = "INSERT INTO parent (id) VALUES ($1)"
    let id: Int
    var bindings: Bindings { [id] }
}

struct InsertChild: Command {
    static let sql = "INSERT INTO child (id, parent_id) VALUES ($1, $2)"
    let id: Int
    let parent: Int
    var bindings: Bindings { [id, parent] }
}

struct CountParents: Statement {
    static let sql = "SELECT count(*) FROM parent"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

extension TestDatabase {
    func makeTables() async throws {
        try await administrator.unsafeScript(
            """
            CREATE TABLE parent (id int8 PRIMARY KEY, name text CHECK (name <> ''));
            CREATE TABLE child (
                id int8 PRIMARY KEY,
                parent_id int8 NOT NULL REFERENCES parent DEFERRABLE INITIALLY DEFERRED
            );
            """
        )
    }

    /// A pool as the administrator with a configuration of its own.
    func withPool<T: Sendable>(
        _ change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: @Sendable (PostgresPool) async throws -> T
    ) async throws -> T {
        var configuration = try configuration()
        change(&configuration)
        return try await PostgresPool.running(configuration, logger: TestDatabase.logger, body)
    }
}

func postgresError<T>(_ body: () async throws -> T) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}
