internal import Auth
internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import NIOCore
public import Primitives
public import Tenancy

/// A request before anybody knows who sent it.
public struct EdgeContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public let requestID: Primitives.RequestID
    /// The connection's other end, in text.
    public let peerAddress: String?
    /// From where the request comes, through proxies that we trust.
    public var clientAddress = ClientAddress.unknown
    /// The connection.
    let channel: any Channel
    public var language: Language = .portuguese
    /// What the limits said of this request so far.
    let standings = RateStandings()
    /// Who it turned out to come from.
    let caller = CallerRecord()
    /// Browsers say where a request comes from, and scripts cannot forge it (Fetch metadata).
    var isFromBrowser = false

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = Primitives.RequestID.next()
        peerAddress = source.channel.remoteAddress?.ipAddress
        channel = source.channel
        logger[metadataKey: "request_id"] = "\(requestID)"
    }
}

/// A request whose credential was checked.
///
/// Only the tenant middleware makes one.
public struct AuthenticatedContext: RequestContext {
    public typealias Source = EdgeContext

    public var coreContext: CoreRequestContextStorage
    let edge: EdgeContext
    var tenant: TenantContext?
    var pass: StreamPass?
    var database: TenantDatabase?

    public init(source: EdgeContext) {
        coreContext = source.coreContext
        edge = source
    }
}

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

extension EdgeContext: RequestContextSource {}

extension Language {
    /// The best of our two for an `Accept-Language` (RFC 9110 §12.5.4); pt-BR where it names neither.
    init(acceptLanguage: String?) {
        let ranked = (acceptLanguage ?? "").split(separator: ",").map { range in
            let parts = range.split(separator: ";")
            let quality = parts.dropFirst().first.flatMap { part in
                Double(part.drop { $0 == " " }.dropFirst(2))
            }
            return (tag: parts.first.map { $0.drop { $0 == " " }.lowercased() } ?? "", quality: quality ?? 1)
        }
        let english = ranked.filter { $0.tag.hasPrefix("en") }.map(\.quality).max() ?? 0
        let portuguese = ranked.filter { $0.tag.hasPrefix("pt") }.map(\.quality).max() ?? 0
        self = english > portuguese ? .english : .portuguese
    }
}
