internal import HTTPTypes
internal import Primitives
internal import Tenancy

/// What one route accepts and answers, as it stands in the OpenAPI document.
struct Operation: Sendable {
    let method: HTTPRequest.Method
    /// `/api/v2/agents/{agent_id}`.
    let path: String
    let summary: String
    let access: Access
    /// By which it is limited.
    let routeClass: RouteClass
    let manner: Manner
    let takesTickets: Bool
    let parameters: [RequestReader.Parameter]
    let body: Body?
    let success: [Success]
    /// What can go wrong besides what every route's table of errors says.
    let faults: [Fault.Code]
    /// POSTs that create, charge or send accept `Idempotency-Key`.
    let acceptsIdempotencyKey: Bool

    /// Who may call it, how often, and what is special about it stands in `AccessTable`.
    init(
        method: HTTPRequest.Method,
        path: String,
        summary: String,
        parameters: [RequestReader.Parameter] = [],
        body: Body? = nil,
        success: [Success],
        faults: [Fault.Code] = [],
        acceptsIdempotencyKey: Bool = false
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        let line = AccessTable.line(method, path)
        access = line.access
        routeClass = line.routeClass
        manner = line.manner
        takesTickets = line.takesTickets
        self.parameters = parameters
        self.body = body
        self.success = success
        self.faults = faults
        self.acceptsIdempotencyKey = acceptsIdempotencyKey
    }

    struct Body: Sendable {
        let contentType: String
        let schema: Schema
        /// The content types of a form's files, by the names of their fields.
        var encoding: [String: String] = [:]
    }

    struct Success: Sendable {
        let status: HTTPResponse.Status
        let contentType: String
        let schema: Schema
        let about: String

        init(_ status: HTTPResponse.Status, _ contentType: String, _ schema: Schema, _ about: String) {
            self.status = status
            self.contentType = contentType
            self.schema = schema
            self.about = about
        }
    }

    /// The first part of the path below the base, by which the documentation groups.
    var tag: String {
        pathBelowBase.split(separator: "/").first.map(String.init) ?? "service"
    }

    /// Without the base that a tenant's routes have.
    var pathBelowBase: Substring {
        path.hasPrefix(basePath) ? path.dropFirst(basePath.count) : path[...]
    }
}

extension RequestReader {
    /// The JSON body that was described, if any.
    var jsonBody: Operation.Body? {
        bodySchema.map { Operation.Body(contentType: "application/json", schema: $0) }
    }
}
