internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Jobs

extension TestDatabase {
    /// Prepares a statement of the worker's while the table of jobs is empty, fills the table without anybody counting it
    /// anew, and runs the statement.
    /// - Returns: the plan, which is the one that was made before, without a sequential or bitmap scan.
    func planKept(of sql: String, _ arguments: String, fill: () async throws -> Void) async throws -> [PlanNode] {
        try await administrator.unsafeScript("ALTER TABLE jobs.job SET (autovacuum_enabled = off)")
        try await administrator.unsafeScript("VACUUM ANALYZE jobs.job")
        try await administrator.unsafeScript(ExplainPrepared.function)
        let plans = try await worker.transaction(settings: ClaimJobs.settings) { transaction in
            // Filling the table takes longer than this transaction may rest.
            try await transaction.unsafeScript("SET LOCAL idle_in_transaction_session_timeout = 0")
            try await transaction.unsafeScript("PREPARE prepared AS \(sql)")
            let empty = try await transaction.query(ExplainPrepared(arguments: arguments))
            try await fill()
            let full = try await transaction.query(ExplainPrepared(arguments: arguments))
            try await transaction.unsafeScript("DEALLOCATE prepared")
            return (empty + full).map { PlanNode.all(in: $0) }
        }
        #expect(plans[0].map(\.type) == plans[1].map(\.type), "the plan is kept")
        for node in plans[1] {
            #expect(node.type != "Seq Scan", "\(node)")
            #expect(!node.type.contains("Bitmap"), "\(node)")
        }
        return plans[1]
    }
}

/// Runs the prepared statement, and gives its plan.
private struct ExplainPrepared: Statement {
    static let function = """
        CREATE FUNCTION public.explained(arguments text) RETURNS jsonb LANGUAGE plpgsql AS $$
            DECLARE plan jsonb;
            BEGIN
                EXECUTE format('EXPLAIN (ANALYZE, COSTS OFF, FORMAT JSON) EXECUTE prepared(%s)', arguments) INTO plan;
                RETURN plan;
            END $$
        """
    static let sql = "SELECT public.explained($1)"
    let arguments: String
    var bindings: Bindings { [arguments] }
    static func decode(_ row: inout RowReader) throws -> JSON { try row.read() }
}

/// A step of a plan, with what it did in all its loops.
struct PlanNode {
    let type: String
    let rows: Double
    let removed: Double

    static func all(in plan: JSON) -> [PlanNode] {
        var open = [plan[0]?["Plan"]].compactMap(\.self)
        var nodes: [PlanNode] = []
        while let node = open.popLast() {
            let loops = node["Actual Loops"]?.double ?? 0
            nodes.append(
                PlanNode(
                    type: node["Node Type"]?.string ?? "",
                    rows: (node["Actual Rows"]?.double ?? 0) * loops,
                    removed: (node["Rows Removed by Filter"]?.double ?? 0) * loops
                )
            )
            open += node["Plans"]?.array ?? []
        }
        return nodes
    }
}
