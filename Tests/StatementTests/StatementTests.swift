internal import FoundationEssentials
internal import Postgres
internal import TestSupport
internal import Testing

@Suite("Every statement of every module", .database)
struct StatementTests {
    @Test("is understood by the database, allowed to its role, and names only relations of its own floor")
    func floors() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(explainFunction)
        let statements = try Self.statements.get()
        #expect(statements.count > 80, "the sources are read")
        for statement in statements {
            await Self.trying(statement.name) {
                let schema = try #require(StatementTrials.schemas[statement.module], "its module has no schema here")
                let relations = try await PlanReader(statement, in: database).relations().all
                let strangers = relations.filter { relation in
                    let owner = relation.prefix { $0 != "." }
                    return owner != schema && owner != "tenancy" && !relations.contains("\(owner).billable")
                }
                #expect(strangers == [], "\(statement.name)")
                let called = statement.sql.matches(of: /(\w+)\.\w+\(/).map { String($0.output.1) }
                let strangeFunctions = Set(called).intersection(StatementTrials.schemas.values)
                #expect(strangeFunctions.subtracting([schema, "tenancy"]) == [], "\(statement.name)")
            }
        }
    }

    @Test("reaches its rows through an index where one of 20 tenants has 100,000, and so do functions that see all")
    func crowd() async throws {
        let database = try TestDatabase.current
        let administrator = database.administrator
        let statements = try Self.statements.get()
        try await administrator.unsafeScript(explainFunction)
        try await Crowd.gather(in: administrator)
        #expect(Set(try await administrator.query(SelectSmallTables())) == Crowd.tablesWithOneRow)
        let bigTables = Set(try await administrator.query(SelectBigTables()))
        for statement in statements {
            await Self.trying(statement.name) {
                let reader = PlanReader(statement, in: database)
                guard try await !reader.relations().read.isDisjoint(with: bigTables) else { return }
                try await Self.expectNoOffence(of: statement.name, reader, bigTables)
            }
        }
        for function in try await administrator.query(SelectDefinerFunctions()) where function.language == "sql" {
            await Self.trying(function.signature) {
                try await Self.expectNoOffence(of: function.signature, PlanReader(function, in: database), bigTables)
            }
        }
    }

    private static func expectNoOffence(of name: String, _ reader: PlanReader, _ bigTables: Set<String>) async throws {
        let exempt = StatementTrials.exemptions[name] ?? []
        for arguments in StatementTrials.arguments[name] ?? [nil] {
            for plan in try await reader.plans(arguments: arguments) {
                let offences = plan.offences(bigTables: bigTables, exempt: exempt)
                #expect(offences == [], "\(name)(\(arguments ?? "as suggested"))")
            }
        }
    }

    /// Records what `body` throws, so that the others are tried too.
    private static func trying(_ name: String, _ body: () async throws -> Void) async {
        do { try await body() } catch { Issue.record("\(name): \(String(reflecting: error))") }
    }

    @Test("is a `Statement`: SQL that is put together runs in the migrator alone")
    func rawText() throws {
        let callers = try Self.sources.get().filter { module, files in
            files.contains { $0.contains("unsafeScript(") }
        }
        #expect(callers.map(\.key) == ["Postgres"])
    }

    private static let statements = Result {
        let modules = try sources.get()
        let protocols = StatementReader.protocols(in: modules.values.flatMap(\.self))
        return try modules.sorted { $0.key < $1.key }.flatMap { module, files in
            try StatementReader(module: module, files: files, protocols: protocols).statements()
        }
    }

    /// The Swift files of each module.
    private static let sources = Result {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
        return try Dictionary(grouping: paths) { String($0.prefix { $0 != "/" }) }.mapValues { paths in
            try paths.map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
        }
    }
}
