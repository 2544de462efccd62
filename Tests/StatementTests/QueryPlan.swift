internal import Primitives

/// A plan as `EXPLAIN (ANALYZE, FORMAT JSON)` tells it.
struct QueryPlan {
    /// One step, with what it did in all its loops together.
    struct Node {
        let type: String
        /// As `schema.table`.
        let relation: String?
        let kept: Double
        let removed: Double

        /// The table that the step reads.
        var scanned: String? { type.contains("Scan") ? relation : nil }

        fileprivate init(_ node: JSONObject) {
            let loops = node["Actual Loops"]?.double ?? 0
            type = node["Node Type"]?.string ?? ""
            relation = node["Relation Name"]?.string.map { "\(node["Schema"]?.string ?? "").\($0)" }
            kept = (node["Actual Rows"]?.double ?? 0) * loops
            let removals = node.members.filter { $0.name.hasPrefix("Rows Removed by") }
            removed = removals.reduce(0) { $0 + ($1.value.double ?? 0) * loops }
        }
    }

    let nodes: [Node]

    init(_ json: JSON) {
        var open = [json.array?.first?.object?["Plan"]?.object].compactMap(\.self)
        var nodes: [Node] = []
        while let node = open.popLast() {
            nodes.append(Node(node))
            open += (node["Plans"]?.array ?? []).compactMap(\.object)
        }
        self.nodes = nodes
    }

    /// What a plan may not do where a tenant has 100,000 rows.
    ///
    /// A filter may drop ten times what it keeps, and 1,000 rows in any case.
    ///
    /// - Parameter exempt: tables of which more may be dropped.
    func offences(bigTables: Set<String>, exempt: Set<String>) -> [String] {
        nodes.compactMap { node in
            let place = "\(node.type)\(node.relation.map { " on \($0)" } ?? "")"
            if node.type == "Seq Scan", let relation = node.relation, bigTables.contains(relation) {
                return "\(place) reads the whole table"
            }
            if node.removed > 10 * max(node.kept, 100), !exempt.contains(where: { place.contains($0) }) {
                return "\(place) drops \(Int(node.removed)) rows and keeps \(Int(node.kept))"
            }
            return nil
        }
    }
}

extension JSON {
    fileprivate var double: Double? {
        guard case .number(let number) = self else { return nil }
        return number.double
    }
}
