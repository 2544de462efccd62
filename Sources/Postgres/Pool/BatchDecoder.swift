/// Takes the results of a batch one by one.
struct BatchDecoder {
    private var results: ArraySlice<QueryResult>

    init(_ results: [QueryResult]) {
        self.results = results[...]
    }

    mutating func next<S: Statement>(_ statement: S.Type) throws -> [S.Row] {
        try results.removeFirst().rows(S.self)
    }
}
