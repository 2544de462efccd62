/// Which addresses may be dialled: public ones, and loopback where a developer's machine calls itself.
public struct AddressPolicy: Hashable, Sendable {
    /// Lets `127.0.0.0/8` and `::1` through, and nothing else of what is blocked.
    ///
    /// For tests and development only: on a server it opens every service that listens on loopback to every customer.
    public var allowsLoopback: Bool

    public init(allowsLoopback: Bool = false) {
        self.allowsLoopback = allowsLoopback
    }

    public func allows(_ address: IPAddress) -> Bool {
        objection(to: address) == nil
    }

    /// What the address is for, where it may not be dialled.
    func objection(to address: IPAddress) -> String? {
        if let loopback = AddressTable.loopback.first(where: { $0.contains(address) }) {
            return allowsLoopback ? nil : loopback.use
        }
        if let block = AddressTable.blocked.first(where: { $0.contains(address) }) { return block.use }
        return address.isIPv4 || AddressTable.globalUnicast.contains(address) ? nil : "not global unicast"
    }
}
