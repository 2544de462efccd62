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
    let parameters: [RequestReader.Parameter]
    let body: Body?
    let success: [Success]
    /// What can go wrong besides what every route's table of errors says.
    let faults: [Fault.Code]
    /// POSTs that create, charge or send accept `Idempotency-Key`.
    let acceptsIdempotencyKey: Bool

    enum Access: Sendable {
        /// No credential.
        case open
        /// A tenant's credential that holds this permission.
        case tenant(Permission)
    }

    struct Body: Sendable {
        let contentType: String
        let schema: Schema
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

    /// By which the route is limited.
    var routeClass: RouteClass {
        switch (method, path) {
        case (.get, _), (_, basePath + "/knowledge/search"): .read
        case (_, basePath + "/agents/{agent_id}/chat/stream"): .chat
        case (_, basePath + "/knowledge/upload"), (_, basePath + "/knowledge/text"): .upload
        default: .write
        }
    }

    /// The first part of the path below the base, by which the documentation groups.
    var tag: String {
        path.replacing("/api/v2", with: "").split(separator: "/").first.map(String.init) ?? "service"
    }
}
