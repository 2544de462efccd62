internal import Auth
public import Hummingbird
internal import NIOCore
internal import Primitives
internal import Tenancy

/// A request of a tenant: a handler that takes this cannot be called without one.
public struct TenantRequestContext: ChildRequestContext {
    public var coreContext: CoreRequestContextStorage
    let tenant: TenantContext
    /// Where a ticket was shown.
    let pass: StreamPass?
    let database: TenantDatabase
    /// The dashboard calls from a page, servers do not.
    let isFromBrowser: Bool
    /// The connection.
    let channel: any Channel
    /// By whose hand everything of this request is done.
    let origin: Origin

    public init(context: AuthenticatedContext) throws {
        guard let tenant = context.tenant, let database = context.database else {
            throw Fault(.internalFailure, .internalFailure)
        }
        coreContext = context.coreContext
        self.tenant = tenant
        pass = context.pass
        self.database = database
        isFromBrowser = context.edge.isFromBrowser
        channel = context.edge.channel
        origin = Origin(tenant.principal.actor, address: context.edge.clientAddress, requestID: tenant.requestID)
    }

    func transaction<Result: Sendable>(
        _ body: (TenantTransaction) async throws -> Result
    ) async throws -> Result {
        try await database.transaction(in: tenant.tenantID, by: origin) { transaction in
            try await TenantDatabase.$hasConnection.withValue(true) { try await body(transaction) }
        }
    }
}
