/// Finds the addresses of a name.
public protocol NameResolver: Sendable {
    /// All of them, IPv4 and IPv6, in the order in which to try them.
    ///
    /// Returns soon after its task is cancelled, whatever the look-up does.
    ///
    /// - Parameter name: in lower case, without a dot at its end.
    /// - Throws: `NameResolutionError`.
    func addresses(of name: String) async throws -> [IPAddress]
}

public enum NameResolutionError: Error, Hashable {
    /// The name does not exist, or has no address.
    case notFound
    /// Nobody who knows could be asked: trying again may help. The code is `getaddrinfo`'s.
    case unavailable(code: Int32)
}
