import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Statements and transactions", .database)
struct TransactionTests {
    static let tenant = SessionSetting(name: "app.tenant_id", value: "t1")

    @Test("A setting holds for its transaction and never reaches the next borrower")
    func settings() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            #expect(try await pool.query(SelectSetting(), settings: [Self.tenant]) == ["t1"])
            #expect(try await pool.query(SelectSetting()) == [nil])
            let seen = try await pool.transaction(settings: [Self.tenant]) { transaction in
                (try await transaction.query(SelectSetting()), try await transaction.query(SelectSetting()))
            }
            #expect(seen == (["t1"], ["t1"]))
            #expect(try await pool.query(SelectSetting()) == [nil])
            _ = await postgresError {
                try await pool.query(Echo(value: "\u{0}"), settings: [Self.tenant])
            }
            #expect(try await pool.query(SelectSetting()) == [nil])
            let (first, second) = try await pool.batch(SelectSetting(), SelectOne(), settings: [Self.tenant])
            #expect(first == ["t1"] && second == [1])
            #expect(try await pool.query(SelectSetting()) == [nil])
        }
    }

    @Test("A statement's own settings hold from it to the end of its transaction, and its results are its own")
    func settingsOfStatements() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            #expect(try await pool.query(SelectOwnSetting()) == ["own"])
            #expect(try await pool.query(SelectOwnSetting(), settings: [Self.tenant]) == ["own"])
            #expect(try await pool.query(SelectSetting()) == [nil])
            let batch = try await pool.batch(
                SelectSetting(),
                SelectOwnSetting(),
                SelectOne(),
                SelectSetting(),
                settings: [Self.tenant]
            )
            #expect(batch.0 == ["t1"] && batch.1 == ["own"] && batch.2 == [1] && batch.3 == ["own"])
            #expect(try await pool.query(SelectSetting()) == [nil])
            try await pool.transaction(settings: [Self.tenant]) { transaction in
                let batch = try await transaction.batch(SelectSetting(), SelectOwnSetting())
                #expect(batch.0 == ["t1"] && batch.1 == ["own"])
                #expect(try await transaction.query(SelectSetting()) == ["own"])
            }
            let first = try await pool.transaction { try await $0.queryFirst(SelectOwnSetting()) }
            #expect(first == "own")
            #expect(try await pool.query(SelectSetting()) == [nil])
        }
    }

    @Test("A batch takes effect wholly or not at all", arguments: [true, false])
    func batch(usesPreparedStatements: Bool) async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        try await database.withPool({ $0.usesPreparedStatements = usesPreparedStatements }) { pool in
            for _ in 0..<2 {
                let error = await postgresError {
                    try await pool.batch(InsertParent(id: 1), InsertParent(id: 1), InsertParent(id: 2), CountParents())
                }
                #expect(error?.sqlState == .uniqueViolation)
                #expect(error?.constraint == "parent_pkey" && error?.table == "parent")
                #expect(error?.wasRolledBack == true && error?.isTransient == false)
                #expect(error?.description == "postgres: server 23505 constraint parent_pkey in InsertParent")
                #expect(try await pool.query(CountParents()) == [0])
            }
            let rows = try await pool.batch(InsertParent(id: 1), InsertParent(id: 2), CountParents())
            #expect(rows.2 == [2])
            #expect(try await pool.execute(InsertParent(id: 3)) == 1)
        }
    }

    @Test("A deferred constraint that fails at the commit fails the statement, though its own result was a success")
    func deferred() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        let pool = database.administrator
        let implicit = await postgresError { try await pool.execute(InsertChild(id: 1, parent: 99)) }
        #expect(implicit?.sqlState == .foreignKeyViolation && implicit?.wasRolledBack == true)
        let explicit = await postgresError {
            try await pool.transaction { try await $0.execute(InsertChild(id: 1, parent: 99)) }
        }
        #expect(explicit?.sqlState == .foreignKeyViolation && explicit?.wasRolledBack == true)
        let together = try await pool.batch(InsertChild(id: 1, parent: 1), InsertParent(id: 1), CountParents())
        #expect(together.2 == [1])
    }

    struct Abandoned: Error {}

    @Test("A transaction whose body throws is rolled back, and its connection serves on")
    func thrown() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            let backend = try await pool.query(SelectBackend())
            await #expect(throws: Abandoned.self) {
                try await pool.transaction { transaction in
                    try await transaction.execute(InsertParent(id: 1))
                    throw Abandoned()
                }
            }
            #expect(try await pool.query(CountParents()) == [0])
            #expect(try await pool.query(SelectBackend()) == backend)
        }
    }

    @Test("A body that hides a failed statement does not make its transaction succeed")
    func hidden() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        let error = await postgresError {
            try await database.administrator.transaction { transaction in
                try await transaction.execute(InsertParent(id: 1))
                let inner = await postgresError { try await transaction.execute(InsertParent(id: 1)) }
                #expect(inner?.sqlState == .uniqueViolation)
                let next = await postgresError { try await transaction.query(SelectOne()) }
                #expect(next?.sqlState == .transactionAborted)
            }
        }
        #expect(error?.code == .transactionRolledBack && error?.wasRolledBack == true)
        #expect(try await database.administrator.query(CountParents()) == [0])
    }

    @Test("A transaction commits what it did, in order, also from several tasks at once")
    func commits() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        let pool = database.administrator
        let count = try await pool.transaction { transaction in
            async let one = transaction.execute(InsertParent(id: 1))
            async let two = transaction.execute(InsertParent(id: 2))
            _ = try await (one, two)
            _ = try await transaction.batch(InsertParent(id: 3), InsertChild(id: 1, parent: 4), InsertParent(id: 4))
            return try await transaction.queryFirst(CountParents())
        }
        #expect(count == 4)
        #expect(try await pool.query(CountParents()) == [4])
    }

    @Test("A transaction cannot be used after its end")
    func escaped() async throws {
        let database = try TestDatabase.current
        let pool = database.administrator
        let escaped = try await pool.transaction { transaction in
            _ = try await transaction.query(SelectOne())
            return transaction
        }
        #expect(await postgresError { try await escaped.query(SelectOne()) }?.code == .transactionEnded)
    }

    struct EndTransaction: Command {
        static let sql = "COMMIT"
        var bindings: Bindings { [] }
    }

    @Test("Nothing of a transaction runs outside of it, though its beginning was cancelled or it was ended early")
    func neverOutside() async throws {
        let database = try TestDatabase.current
        try await database.makeTables()
        try await database.withPool({ $0.poolSize = 2 }) { pool in
            for round in 0..<200 {
                let error = await postgresError {
                    try await pool.transaction(settings: [Self.tenant]) { transaction in
                        let first = Task { try await transaction.query(SelectOne()) }
                        async let second = transaction.query(SelectSetting())
                        if round.isMultiple(of: 2) { await Task.yield() }
                        first.cancel()
                        _ = await first.result
                        #expect(try await second == ["t1"])
                        #expect(try await transaction.query(SelectSetting()) == ["t1"])
                        _ = try await transaction.query(SelectOne())
                    }
                }
                let code = error?.code
                #expect(code == nil || code == .server || code == .transactionEnded || code == .transactionRolledBack)
            }
            let error = await postgresError {
                try await pool.transaction { transaction in
                    try await transaction.execute(EndTransaction())
                    try await transaction.execute(InsertParent(id: 1))
                }
            }
            #expect(error?.code == .transactionEnded)
            let count = try await pool.query(CountParents())
            #expect(count == [0])
        }
    }

    struct OpenTransaction: Command {
        static let sql = "BEGIN"
        var bindings: Bindings { [] }
    }

    @Test("A connection that a statement left inside a transaction is closed, not lent on")
    func leftOpen() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            let backend = try await pool.query(SelectBackend())
            try await pool.execute(OpenTransaction())
            let next = try await pool.query(SelectBackend())
            #expect(next != backend)
        }
    }

    @Test("What cannot be bound is refused before anything is sent, naming the placeholder")
    func encoding() async throws {
        let database = try TestDatabase.current
        let value = Timestamp(microsecondsSinceEpoch: .min)
        let error = await postgresError { try await database.app.query(Echo(value: value)) }
        #expect(error?.code == .encoding && error?.wasRolledBack == true)
        #expect(error?.description == "postgres: encoding in Echo<Timestamp>: $1: moment out of range")
    }

    struct Duplicate: Command {
        static let sql = "INSERT INTO secretive (word) VALUES ($1)"
        let word: String
        var bindings: Bindings { [word] }
    }

    @Test("No plain description holds a bound value or the URL; the debug one holds what the server said")
    func descriptions() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript("CREATE TABLE secretive (word text UNIQUE)")
        let pool = database.administrator
        try await pool.execute(Duplicate(word: "hush-hush"))
        let error = await postgresError { try await pool.execute(Duplicate(word: "hush-hush")) }
        #expect("\(error!)".contains("hush") == false)
        #expect(error!.debugDescription.contains("hush"))
        for url in ["postgres://user:hush@127.0.0.1:seven/x", "hush", "postgres://user:hush@127.0.0.1:1/x"] {
            let configuration = PostgresConfiguration(url: Redacted(url))
            let error = await postgresError {
                try await PostgresPool.running(configuration.withDeadline(.zero), logger: TestDatabase.logger) {
                    try await $0.query(SelectOne())
                }
            }
            #expect(error != nil)
            #expect("\(error!)".contains("hush") == false && "\(error!)".contains("127.0.0.1") == false)
            #expect(error!.debugDescription.contains("hush") == false)
        }
    }
}

extension PostgresConfiguration {
    func withDeadline(_ deadline: Duration) -> Self {
        var copy = self
        copy.waitingDeadline = deadline
        return copy
    }
}
