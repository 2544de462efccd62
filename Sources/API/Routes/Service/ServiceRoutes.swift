internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Primitives
internal import Secrets

/// Name and version, health, readiness and metrics.
struct ServiceRoutes {
    let status: ServiceStatus
    let drain: DrainSwitch
    let clock: WallClock

    var endpoints: [OpenEndpoint] {
        [
            .open("/", "Name and version", Self.identity) { _, _ in .ok(Self.identity, status.version) },
            .open("/health", "The process is alive", Self.liveness) { _, _ in .ok(Self.liveness, ()) },
            .open(
                "/ready",
                "Whether requests can be answered, and the state of what the server stands on",
                Self.readiness,
                statuses: [.ok, .serviceUnavailable]
            ) { _, _ in try await ready() },
            .open(basePath + "/health", "The dashboard's health shape", Self.health) { _, _ in
                .ok(Self.health, (status.version, await status.dependencies(), clock.now()))
            },
            .open("/metrics", "Metrics for Prometheus", contentType: "text/plain", Output<String>.text.schema) {
                try metrics($0, $1)
            },
        ]
    }

    private func ready() async throws -> Response {
        let dependencies = await status.dependencies()
        let isReady = !drain.isDraining && dependencies.allSatisfy { $0.state == .ok || !$0.isEssential }
        let body = Self.readiness.encoded((drain.isDraining, dependencies))
        return .json(body, status: isReady ? .ok : .serviceUnavailable)
    }

    private func metrics(_ request: Request, _ context: EdgeContext) throws -> Response {
        let isAllowed: Bool
        if let token = status.metricsToken {
            let bearer = request.headers[.authorization] ?? ""
            isAllowed = ConstantTime.areEqual(bearer.utf8, "Bearer \(token.exposed)".utf8)
        } else {
            isAllowed = ["127.0.0.1", "::1"].contains(context.peerAddress) && request.headers[.xForwardedFor] == nil
        }
        guard isAllowed else { throw Fault.routeNotFound }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: status.metrics()))
        )
    }

    private static let identity = Output<String>.object(
        "Identity",
        [Member("name", .text) { _ in "agentes-de-conversao" }, Member("version", .text) { $0 }]
    )

    private static let liveness = Output<Void>.object("Liveness", [Member("status", .text) { "ok" }])

    private static let dependency = Output<ServiceStatus.Dependency>.object(
        "Dependency",
        [
            Member("name", .text, \.name), Member("state", .name(), \.state),
            Member("essential", .boolean, \.isEssential),
        ]
    )

    private static let readiness = Output<(isDraining: Bool, dependencies: [ServiceStatus.Dependency])>.object(
        "Readiness",
        [
            Member("status", .text) { ($0.isDraining ? Overall.draining : Overall($0.dependencies)).rawValue },
            Member("dependencies", dependency.list, \.dependencies),
        ]
    )

    private static let health = Output<(version: String, dependencies: [ServiceStatus.Dependency], now: Timestamp)>
        .object(
            "Health",
            [
                Member("status", .text) { Overall($0.dependencies) == .down ? "unhealthy" : "healthy" },
                Member("version", .text, \.version),
                Member("timestamp", .timestamp, \.now),
                Member("services", dependency.list, \.dependencies),
                Member("features", Output<String>.text.list) { _ in
                    ["agents", "chat", "knowledge", "conversions", "analytics", "events", "settings"]
                },
            ]
        )

    private enum Overall: String {
        case ready, degraded, down, draining

        init(_ dependencies: [ServiceStatus.Dependency]) {
            let failed = dependencies.filter { $0.state == .down }
            self = failed.isEmpty ? .ready : failed.contains(where: \.isEssential) ? .down : .degraded
        }
    }
}

extension Response {
    fileprivate static func ok<Value>(_ output: Output<Value>, _ value: Value) -> Response {
        .json(output.encoded(value), status: .ok)
    }
}
