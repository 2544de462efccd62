internal import Auth
public import Hummingbird
internal import Tenancy

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
