internal import NIOSSL
public import Primitives

/// The one way to call an address that a customer typed.
///
/// A call looks the host up once, refuses it if a single address is not a public one, and dials the addresses that it
/// checked: a name that changes between two look-ups gains nothing. It follows no redirect, uses no proxy, decompresses
/// nothing, keeps no connection, and ends at its deadline with its body.
public final class OutboundClient: Sendable {
    private let configuration: OutboundConfiguration
    private let tls: TLSConfiguration
    private let pause: @Sendable (Duration) async throws -> Void
    private let observe: @Sendable (CallPhase) -> Void
    let limiter: CallLimiter

    /// - Throws: where the trusted certificates cannot be read.
    public convenience init(_ configuration: OutboundConfiguration = OutboundConfiguration()) throws {
        try self.init(configuration, pause: { try await Task.sleep(for: $0) }, observe: { _ in })
    }

    /// - Parameters:
    ///   - pause: returns when a deadline that began now has passed.
    ///   - observe: hears of each phase that a call enters.
    init(
        _ configuration: OutboundConfiguration,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        observe: @escaping @Sendable (CallPhase) -> Void
    ) throws {
        self.configuration = configuration
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.trustRoots =
            try configuration.trustedCertificates.map { .certificates(try NIOSSLCertificate.fromPEMBytes($0)) }
            ?? .loadedFromSystem
        self.tls = tls
        self.pause = pause
        self.observe = observe
        limiter = CallLimiter(configuration.limits)
    }

    /// What `send` would make of a URL before it asks anybody: for the moment at which it is typed.
    ///
    /// - Throws: `outbound_target_refused`.
    public func target(_ url: String) throws(Fault) -> OutboundTarget {
        try OutboundTarget(url, policy: configuration.policy)
    }

    /// Sends a request, at most once, and returns what came back, whatever its status.
    ///
    /// Cancelling the task closes the connection.
    public func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        let progress = CallProgress(observe: observe)
        do {
            let target = try target(request.url)
            if let name = request.unsendableHeader { throw UnsendableHeader(name: name) }
            progress.enter(.waiting)
            return try await withDeadline(request.deadline, pause: pause) { [self] in
                try await limiter.withTurn(at: target.host.description) {
                    try await call(target, request, progress)
                }
            }
        } catch {
            // What a cancelled connection says of itself is of no interest.
            throw OutboundError(Task.isCancelled ? CancellationError() : error, phase: progress.phase)
        }
    }

    private func call(
        _ target: OutboundTarget,
        _ request: OutboundRequest,
        _ progress: CallProgress
    ) async throws -> OutboundResponse {
        progress.enter(.resolving)
        var untried = try await checkedAddresses(of: target.host).prefix(configuration.addressesTried)
        while true {
            guard let address = untried.popFirst() else { throw NameResolutionError.notFound }
            progress.enter(.connecting)
            do {
                return try await Exchange(
                    target: target,
                    request: request,
                    address: address,
                    connectTimeout: configuration.connectTimeout,
                    tls: tls,
                    progress: progress
                ).run()
            } catch {
                // Only what did not connect: of what was sent, nobody knows what became of it.
                let isUnreachable = OutboundError(error, phase: progress.phase).code == .connectFailed
                guard isUnreachable, !untried.isEmpty, !Task.isCancelled else { throw error }
            }
        }
    }

    /// One blocked address refuses the whole name: nobody who is honest has one beside public ones.
    private func checkedAddresses(of host: TargetHost) async throws -> [IPAddress] {
        let addresses =
            switch host {
            case .name(let name): try await configuration.resolver.addresses(of: name)
            case .address(let address): [address]
            }
        for address in addresses {
            if let use = configuration.policy.addresses.objection(to: address) { throw BlockedAddress(use: use) }
        }
        return addresses
    }
}
