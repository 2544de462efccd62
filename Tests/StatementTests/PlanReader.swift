internal import FoundationEssentials
internal import Postgres
internal import Primitives
internal import TestSupport

/// Prepares a statement as the role that runs it, and reads what Postgres makes of it; nothing stays.
struct PlanReader {
    private let pool: PostgresPool
    private let preparation: String
    private let name = "trial_\(UUIDv7.next().uuidString)"

    init(_ statement: StatementSource, in database: TestDatabase) {
        if statement.module == "Postgres" {
            pool = database.administrator
        } else {
            pool = StatementTrials.worker.contains(statement.name) ? database.worker : database.app
        }
        preparation = "PREPARE \"\(name)\" AS \(statement.sql)"
    }

    /// The body of a function that runs as its owner, as that owner: Postgres writes a function of SQL out in the query
    /// that calls it once nothing forbids that.
    init(_ function: DefinerFunction, in database: TestDatabase) {
        pool = database.administrator
        preparation = """
            ALTER FUNCTION \(function.signature) SECURITY INVOKER;
            ALTER FUNCTION \(function.signature) RESET ALL;
            SET LOCAL ROLE \(function.owner);
            PREPARE "\(name)" AS SELECT * FROM \(function.call)
            """
    }

    /// The tables and views, as `schema.name`, that the statement locks, and those of them that it reads.
    ///
    /// - Throws: also where the role lacks a privilege.
    func relations() async throws -> (all: Set<String>, read: Set<String>) {
        try await prepared { transaction in
            let plan = try await transaction.query(ExplainWithoutArguments(name: name))[0]
            let locked = try await transaction.query(SelectLockedRelations())
            let read = locked.filter(\.isRead).map(\.name) + QueryPlan(plan).nodes.compactMap(\.scanned)
            return (Set(locked.map(\.name)), Set(read))
        }
    }

    /// What happens when the statement is executed with `arguments`, by a plan made for them and by one made for any.
    ///
    /// - Parameter arguments: as for EXECUTE; nil for some that suit the types.
    func plans(arguments: String?) async throws -> [QueryPlan] {
        var plans: [QueryPlan] = []
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let plan = try await prepared { transaction in
                try await transaction.unsafeScript("SET LOCAL plan_cache_mode = \(mode)")
                let suggested = try await transaction.query(SuggestArguments(name: name))[0]
                return try await transaction.query(ExplainExecution(name: name, arguments: arguments ?? suggested))[0]
            }
            plans.append(QueryPlan(plan))
        }
        return plans
    }

    /// Runs `body` in a transaction of the big tenant in which the statement is prepared, and takes everything back.
    private func prepared<T: Sendable>(_ body: (PostgresTransaction) async throws -> T) async throws -> T {
        do {
            return try await pool.transaction(settings: [Crowd.tenant]) { transaction -> T in
                try await transaction.unsafeScript(preparation)
                let value = try await body(transaction)
                try await transaction.unsafeScript("DEALLOCATE \"\(name)\"")
                throw TakeBack(value: value)
            }
        } catch let taken as TakeBack<T> {
            return taken.value
        }
    }
}

private struct TakeBack<T: Sendable>: Error {
    let value: T
}
