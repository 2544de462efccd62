internal import HTTPTypes

/// Which methods each path knows, for `405` with `Allow` and for preflights.
struct RouteIndex: Sendable {
    private let routes: [(segments: [Substring], method: HTTPRequest.Method)]

    init(_ operations: [Operation]) {
        routes = operations.map { ($0.path.split(separator: "/"), $0.method) }
    }

    func methods(at path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let methods = routes.filter { Self.matches($0.segments, segments) }.map(\.method)
        return methods.contains(.get) ? methods + [.head] : methods
    }

    /// What asks after the process itself: answered while it drains, and whatever else its address sends.
    func isProbe(_ path: String) -> Bool {
        ["/health", "/ready", "/metrics"].contains(path)
    }

    /// By its segments, as the router finds it: `//api/v2/events/dashboard/` is the same.
    func isEventStream(_ path: String) -> Bool {
        Self.matches(Self.eventStream, path.split(separator: "/"))
    }

    private static let eventStream = (basePath + EventRoutes.path).split(separator: "/")

    private static func matches(_ template: [Substring], _ path: [Substring]) -> Bool {
        template.count == path.count && zip(template, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
