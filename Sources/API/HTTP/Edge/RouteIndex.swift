internal import HTTPTypes

/// Which methods each path knows, for `405` with `Allow` and for preflights, and which paths are treated in a manner of
/// their own.
struct RouteIndex: Sendable {
    private struct Route {
        let segments: [Substring]
        let method: HTTPRequest.Method
    }

    private let routes: [Route]
    private let probes: [String]
    private let eventStreams: [Route]

    init(_ operations: [Operation]) {
        func routes(of operations: [Operation]) -> [Route] {
            operations.map { Route(segments: $0.path.split(separator: "/"), method: $0.method) }
        }
        self.routes = routes(of: operations)
        probes = operations.filter { $0.manner == .probe }.map(\.path)
        eventStreams = routes(of: operations.filter { $0.manner == .eventStream })
    }

    func methods(at path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let methods = routes.filter { Self.matches($0.segments, segments) }.map(\.method)
        return methods.contains(.get) ? methods + [.head] : methods
    }

    /// Exactly as it is written in the table, whatever the method.
    func isProbe(_ path: String) -> Bool {
        probes.contains(path)
    }

    /// By its segments, as the router finds it: `//api/v2/events/dashboard/` is the same.
    func isEventStream(_ path: String) -> Bool {
        // Every request is asked for this: what ends otherwise is not taken apart.
        eventStreams.contains { stream in
            path.ends(with: stream.segments) && Self.matches(stream.segments, path.split(separator: "/"))
        }
    }

    private static func matches(_ template: [Substring], _ path: [Substring]) -> Bool {
        template.count == path.count && zip(template, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

extension String {
    /// Whether a path's last segment may be that of the template.
    fileprivate func ends(with template: [Substring]) -> Bool {
        guard let last = template.last, !last.hasPrefix("{") else { return true }
        let end = utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        return end.starts(with: last.utf8.reversed())
    }
}
