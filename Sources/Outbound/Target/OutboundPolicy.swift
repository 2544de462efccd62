/// What a customer may type: schemes, ports and addresses.
public struct OutboundPolicy: Sendable {
    /// Whether `http` is taken beside `https`.
    public var allowsPlainHTTP: Bool
    public var ports: [ClosedRange<Int>]
    public var addresses: AddressPolicy

    public init(
        allowsPlainHTTP: Bool = false,
        ports: [ClosedRange<Int>] = [443...443, 8443...8443],
        addresses: AddressPolicy = AddressPolicy()
    ) {
        self.allowsPlainHTTP = allowsPlainHTTP
        self.ports = ports
        self.addresses = addresses
    }

    /// `https` on 443 and 8443, to public addresses.
    public static let production = OutboundPolicy()

    /// Also `http`, loopback, port 80, and the ports that a developer's own servers have.
    public static let development = OutboundPolicy(
        allowsPlainHTTP: true,
        ports: [80...80, 443...443, 1024...65_535],
        addresses: AddressPolicy(allowsLoopback: true)
    )
}
