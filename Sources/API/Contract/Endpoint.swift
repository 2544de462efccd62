internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// A route: what the documentation says of it, and what answers it.
///
/// Routing and the OpenAPI document are both made from the same list of these.
struct Endpoint<Context: RequestContext>: Sendable {
    let operation: Operation
    let respond: @Sendable (Request, Context) async throws -> Response
}

typealias TenantEndpoint = Endpoint<TenantRequestContext>
typealias OpenEndpoint = Endpoint<EdgeContext>

/// Where the tenant's routes begin.
let basePath = "/api/v2"

extension Endpoint where Context == TenantRequestContext {
    /// A route behind the tenant middleware.
    ///
    /// Whether the caller may is checked before anything of the request is read.
    static func tenant(
        _ operation: Operation,
        _ respond: @escaping @Sendable (Request, TenantRequestContext) async throws -> Response
    ) -> Self {
        Endpoint(operation: operation) { request, context in
            if case .tenant(let rule) = operation.access { try context.tenant.require(rule) }
            return try await respond(request, context)
        }
    }

    /// A route that only reads.
    static func read<Fields: RequestFields, Value>(
        _ path: String,
        _ summary: String,
        _ answer: Answer<Value>,
        faults: [Fault.Code] = [],
        _ handler: @escaping @Sendable (Fields, TenantRequestContext) async throws -> Value
    ) -> Self {
        let operation = Operation.json(.get, path, summary, Fields.self, answer, faults)
        return tenant(operation) { request, context in
            let fields = try Fields.read(from: request, context, body: nil)
            return .json(answer.encoded(try await handler(fields, context)), status: answer.status)
        }
    }

    /// A route that writes, in one transaction of the tenant together with its line in the audit log and the answer to its
    /// `Idempotency-Key`.
    ///
    /// - Parameter audit: nil where what is written changes nothing of the organisation.
    static func write<Fields: RequestFields, Value>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        _ answer: Answer<Value>,
        audit: Audit<Fields, Value>?,
        faults: [Fault.Code] = [],
        _ handler: @escaping @Sendable (Fields, TenantTransaction, TenantRequestContext) async throws -> Value
    ) -> Self {
        let operation = Operation.json(method, path, summary, Fields.self, answer, faults)
        return tenant(operation) { request, context in
            var request = request
            let body = try await request.readBody()
            let document = operation.body == nil ? nil : try request.json(body)
            let fields = try Fields.read(from: request, context, document: document)
            let key = try operation.acceptsIdempotencyKey ? request.idempotencyKey(body: body) : nil
            let told = try await context.transaction { transaction in
                try await transaction.tell(answer, once: key) {
                    let value = try await handler(fields, transaction, context)
                    if let audit, audit.isDone(value) {
                        try await transaction.audit(
                            audit.action,
                            of: audit.target(fields, value) ?? transaction.tenantID.description,
                            details: operation.auditDetails(of: document)
                        )
                    }
                    return value
                }
            }
            return told.response
        }
    }
}

extension Operation {
    fileprivate static func json<Fields: RequestFields, Value>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        _ fields: Fields.Type,
        _ answer: Answer<Value>,
        _ faults: [Fault.Code]
    ) -> Operation {
        let request = RequestReader.describe(fields)
        return Operation(
            method: method,
            path: basePath + path,
            summary: summary,
            parameters: request.parameters,
            body: request.jsonBody,
            success: [Success(answer.status, "application/json", answer.schema, summary)],
            faults: faults,
            acceptsIdempotencyKey: method == .post
        )
    }
}
