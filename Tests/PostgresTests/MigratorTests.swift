import FoundationEssentials
import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Migrator", .database)
struct MigratorTests {
    /// A folder of files that is gone after the test.
    private func withFiles<T>(_ files: [String: String], _ body: (Folder) async throws -> T) async throws -> T {
        let folder = Folder(url: FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID())"))
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder.url) }
        for (name, sql) in files { try folder.write(name, sql) }
        return try await body(folder)
    }

    struct Folder {
        let url: URL

        func write(_ name: String, _ sql: String) throws {
            try Data(sql.utf8).write(to: url.appending(path: name))
        }

        func remove(_ name: String) throws {
            try FileManager.default.removeItem(at: url.appending(path: name))
        }

        func migrate(_ database: TestDatabase) async throws -> [String] {
            try await Migrator(directory: url.path, logger: TestDatabase.logger).migrate(database.configuration())
        }

        /// Migrates with one file changed (nil: removed) for the moment, and says why that was refused.
        func refusal(_ database: TestDatabase, _ name: String, _ sql: String?) async throws -> String? {
            let original = try? String(contentsOf: url.appending(path: name), encoding: .utf8)
            if let sql { try write(name, sql) } else { try remove(name) }
            let error = await postgresError { try await migrate(database) }
            if let original { try write(name, original) } else { try remove(name) }
            #expect(error?.code == .migrationRefused)
            return error?.reason
        }
    }

    /// The files of a test take the place of the house's, which the template already has.
    private func freshDatabase() async throws -> TestDatabase {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript("DROP TABLE public.schema_migration")
        return database
    }

    struct SelectOwner: Statement {
        static let sql = "SELECT relowner::regrole::text FROM pg_class WHERE relname = $1"
        let table: String
        var bindings: Bindings { [table] }
        static func decode(_ row: inout RowReader) throws -> String { try row.read() }
    }

    @Test("Files are applied once, in order, as agentes_owner")
    func applies() async throws {
        let database = try await freshDatabase()
        try await withFiles([
            "0002_fill_a.sql": "INSERT INTO public.a VALUES (1); INSERT INTO public.a VALUES (2);",
            "0001_create_a.sql": "CREATE TABLE public.a (id int);", "readme.txt": "no SQL",
        ]) { folder in
            #expect(try await folder.migrate(database) == ["0001_create_a", "0002_fill_a"])
            #expect(try await folder.migrate(database) == [])
            try folder.write("0003_create_b.sql", "CREATE TABLE public.b (id int);")
            #expect(try await folder.migrate(database) == ["0003_create_b"])
        }
        #expect(try await database.administrator.query(SelectOwner(table: "a")) == ["agentes_owner"])
    }

    @Test("A file that fails leaves nothing behind and those before it stay")
    func fails() async throws {
        let database = try await freshDatabase()
        try await withFiles([
            "0001_create_a.sql": "CREATE TABLE public.a (id int);",
            "0002_create_b.sql": "CREATE TABLE public.b (id int); SELECT 1/0;",
        ]) { folder in
            let error = await postgresError { try await folder.migrate(database) }
            #expect(error?.sqlState?.class == "22")
            #expect(try await database.administrator.query(SelectOwner(table: "b")) == [])
            try folder.write("0002_create_b.sql", "CREATE TABLE public.b (id int);")
            #expect(try await folder.migrate(database) == ["0002_create_b"])
        }
    }

    @Test("Changed, missing, repeated and misnamed files are refused, and one that ends its transaction itself")
    func refuses() async throws {
        let database = try await freshDatabase()
        let create = "CREATE TABLE public.a (id int);"
        let select = "SELECT 1;"
        try await withFiles(["0001_create_a.sql": create, "0002_create_b.sql": select]) { folder in
            #expect(try await folder.migrate(database).count == 2)
            var reason = try await folder.refusal(database, "0001_create_a.sql", create + " ")
            #expect(reason == "0001_create_a was changed after it had been applied")
            reason = try await folder.refusal(database, "0002_create_b.sql", nil)
            #expect(reason == "the database has 0002_create_b, which is not among the files")
            reason = try await folder.refusal(database, "0002_create_c.sql", select)
            #expect(reason == "two files have the number of 0002_create_c")
            reason = try await folder.refusal(database, "0004_create_c.sql", select)
            #expect(reason == "a number is missing before 0004_create_c")
            reason = try await folder.refusal(database, "0001_create_a.sql", nil)
            #expect(reason == "a number is missing before 0002_create_b")
            reason = try await folder.refusal(database, "3_create_c.sql", select)
            #expect(reason == "3_create_c.sql is not named NNNN_verb_object.sql")
            reason = try await folder.refusal(database, "0003_commit_c.sql", "COMMIT;")
            #expect(reason == "0003_commit_c ends its transaction itself")
            #expect(try await folder.migrate(database) == [])
        }
    }

    @Test("Several migrators at once apply each file once")
    func concurrent() async throws {
        let database = try await freshDatabase()
        let files = (1...5).map { ("000\($0)_create_t\($0).sql", "CREATE TABLE public.t\($0) (id int);") }
        try await withFiles(Dictionary(uniqueKeysWithValues: files)) { folder in
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await folder.migrate(database) } }
                let applied = try await group.reduce(into: []) { $0 += $1 }
                #expect(applied.sorted() == files.map { String($0.0.dropLast(4)) })
            }
        }
    }
}
