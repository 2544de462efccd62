public import Primitives

/// By whose hand a transaction is made, and from where: what the audit log says of everything in it.
///
/// Given when the transaction is opened, so that nothing inside of it can say otherwise.
public struct Origin: Hashable, Sendable {
    public let actor: Principal.Actor
    /// nil where nothing came over the network.
    public let address: ClientAddress?
    public let requestID: RequestID?

    public init(_ actor: Principal.Actor, address: ClientAddress? = nil, requestID: RequestID? = nil) {
        self.actor = actor
        self.address = address
        self.requestID = requestID
    }

    /// The server by itself.
    public static let system = Origin(Principal.Actor(.system, "server"))
}
