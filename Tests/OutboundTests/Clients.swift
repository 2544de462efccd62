internal import Testing
@testable internal import Outbound

extension OutboundPolicy {
    /// Plain HTTP on this port; loopback is blocked.
    static func http(_ port: Int) -> Self { Self(allowsPlainHTTP: true, ports: [port...port]) }

    /// Plain HTTP on this port, loopback too.
    static func loopback(_ port: Int) -> Self {
        Self(allowsPlainHTTP: true, ports: [port...port], addresses: AddressPolicy(allowsLoopback: true))
    }
}

extension OutboundClient {
    /// - Parameters:
    ///   - deadline: returns when each call's deadline has passed; nil where time itself passes.
    ///   - observe: hears of each phase.
    static func testing(
        _ policy: OutboundPolicy,
        _ resolver: any NameResolver = ScriptedResolver(["127.0.0.1"]),
        limits: CallLimits = CallLimits(),
        trusting certificates: [UInt8]? = nil,
        deadline: (@Sendable () async throws -> Void)? = nil,
        observe: @escaping @Sendable (CallPhase) -> Void = { _ in }
    ) throws -> OutboundClient {
        let configuration = OutboundConfiguration(
            policy: policy,
            limits: limits,
            trustedCertificates: certificates,
            resolver: resolver
        )
        return try OutboundClient(
            configuration,
            pause: { if let deadline { try await deadline() } else { try await Task.sleep(for: $0) } },
            observe: observe
        )
    }
}

/// The error of a call that must fail.
func outboundError(_ call: () async throws(OutboundError) -> OutboundResponse) async -> OutboundError? {
    do throws(OutboundError) {
        let response = try await call()
        Issue.record("answered with \(response.status)")
        return nil
    } catch {
        return error
    }
}
