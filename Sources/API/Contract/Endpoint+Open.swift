internal import HTTPTypes
internal import Hummingbird

extension Endpoint where Context == EdgeContext {
    /// A route without credential that answers a bare JSON value, outside the envelope.
    static func open<Value>(
        _ path: String,
        _ summary: String,
        _ output: Output<Value>,
        statuses: [HTTPResponse.Status] = [.ok],
        _ respond: @escaping @Sendable (Request, EdgeContext) async throws -> Response
    ) -> Self {
        open(path, summary, contentType: "application/json", output.schema, statuses: statuses, respond)
    }

    static func open(
        _ path: String,
        _ summary: String,
        contentType: String,
        _ schema: Schema,
        statuses: [HTTPResponse.Status] = [.ok],
        _ respond: @escaping @Sendable (Request, EdgeContext) async throws -> Response
    ) -> Self {
        let operation = Operation(
            method: .get,
            path: path,
            summary: summary,
            success: statuses.map { Operation.Success($0, contentType, schema, summary) }
        )
        return Endpoint(operation: operation, respond: respond)
    }
}
