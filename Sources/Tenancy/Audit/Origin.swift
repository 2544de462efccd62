package import Primitives

/// By whose hand a transaction is made, and from where: what the audit log says of everything in it.
///
/// Given when the transaction is opened, so that nothing inside of it can say otherwise.
package struct Origin: Hashable, Sendable {
    package let actor: Principal.Actor
    /// nil where nothing came over the network.
    package let address: ClientAddress?
    package let requestID: RequestID?

    package init(_ actor: Principal.Actor, address: ClientAddress? = nil, requestID: RequestID? = nil) {
        self.actor = actor
        self.address = address
        self.requestID = requestID
    }

    /// The server by itself.
    package static let system = Origin(Principal.Actor(.system, "server"))
}
