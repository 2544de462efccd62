internal import Agents
internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import NIOCore
internal import Primitives

/// The outermost responder: whatever happens inside, the caller gets an answer of the contract, with a request id, and
/// the log has one line of it.
public struct Edge<Inner: HTTPResponder>: HTTPResponder where Inner.Context == EdgeContext {
    private let inner: Inner
    let routes: RouteIndex
    private let cors: CORSPolicy
    private let drain: DrainSwitch
    private let gate: LimitGate
    let clock: WallClock
    private let measures = RequestMeasures()

    init(
        _ inner: Inner,
        routes: RouteIndex,
        cors: CORSPolicy,
        drain: DrainSwitch,
        gate: LimitGate,
        clock: WallClock
    ) {
        self.gate = gate
        self.inner = inner
        self.routes = routes
        self.cors = cors
        self.drain = drain
        self.clock = clock
    }

    public func respond(to request: Request, context: EdgeContext) async throws -> Response {
        var known = context
        known.language = Language(acceptLanguage: request.headers[.acceptLanguage])
        known.isFromBrowser = request.headers[.secFetchSite] != nil || request.headers[.origin] != nil
        known.clientAddress = gate.address(of: request, known)
        let context = known
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await answer(request, context)
        } catch {
            response = self.response(to: await counted(error, request, context), request, context)
        }
        // The router leaves the body of what it answers out; that of what is answered here would be taken for the next
        // answer.
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID.description
        response.headers[.xContentTypeOptions] = "nosniff"
        context.standings.apply(to: &response)
        cors.apply(to: &response, of: request)
        record(request, response, context, took: ContinuousClock.now - start)
        return response
    }

    private func answer(_ request: Request, _ context: EdgeContext) async throws -> Response {
        if let preflight = cors.preflight(request, allowing: routes.methods(at: request.uri.path)) { return preflight }
        if drain.isDraining, !routes.isProbe(request.uri.path) { throw Fault.draining }
        // Nothing is unpacked, so no small body becomes a large one.
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Fault.unsupportedContentEncoding
        }
        let response = try await inner.respond(to: request, context: context)
        // The router answers an unknown path itself, without a body.
        guard context.endpointPath != "NotFound" else { throw Fault.routeNotFound }
        return response
    }

    /// What the caller is told of an error: whoever was refused before the limits were asked is counted, and so are wrong
    /// credentials; one too many is a matter of limits.
    private func counted(_ error: any Error, _ request: Request, _ context: EdgeContext) async -> any Error {
        // Nobody but the server's end cancels a request.
        guard !Task.isCancelled else { return error }
        do throws(Fault) {
            if !drain.isDraining, !routes.isProbe(request.uri.path) { try await gate.pass(context) }
            if let fault = error as? Fault { try await gate.countFailure(fault, context) }
            return error
        } catch {
            return error
        }
    }

    private func response(to error: any Error, _ request: Request, _ context: EdgeContext) -> Response {
        var fault = Fault(faulting: error)
        var allowed: [HTTPRequest.Method] = []
        if fault.code == .routeNotFound {
            let methods = routes.methods(at: request.uri.path)
            // A route may say itself that there is nothing, such as for a file of /docs.
            if !methods.isEmpty, !methods.contains(request.method) { (fault, allowed) = (.methodNotAllowed, methods) }
        }
        if fault.isOurs { context.logger.error("request failed", error: fault, metadata: context.logMetadata) }
        // Anything but 200 would end an EventSource for ever.
        if routes.isEventStream(request.uri.path), fault.code.kind.isPassing {
            return .retryLater(because: fault, in: context.language, at: clock.now())
        }
        var response = Response.fault(fault, in: context.language, requestID: context.requestID, at: clock.now())
        // What is left of its request can no longer be told from the next one; and what came behind a refused one would be
        // held back as long, one after the other.
        if error is BrokenRequest || fault.code == .rateLimited && context.channel.hasPipelinedRequests {
            response.headers[.connection] = "close"
        }
        if !allowed.isEmpty { response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ") }
        return response
    }

    /// One access line and two figures a request.
    ///
    /// Of the target only the route is told: what stands in path and query may be anything, a token too.
    private func record(_ request: Request, _ response: Response, _ context: EdgeContext, took duration: Duration) {
        let measured = RequestMeasures.Request(
            method: request.method.rawValue,
            route: context.endpointPath ?? "none",
            status: response.status.code
        )
        measures.record(measured, took: duration)
        var metadata = context.logMetadata
        metadata["method"] = .string(measured.method)
        metadata["status"] = .string(String(measured.status))
        metadata["duration_ms"] = .string(String(Double(duration.microseconds) / 1000))
        context.logger.info("request", metadata: metadata)
    }
}

extension Fault {
    /// What anything thrown by a route means to its caller.
    init(faulting error: any Error) {
        switch error {
        case let fault as Fault: self = fault
        case let broken as BrokenRequest: self = broken.fault
        // Nobody but the server's end cancels a request.
        case is CancellationError: self = .draining
        default:
            self = Fault(.internalFailure, .internalFailure, cause: error)
        }
    }
}

extension EdgeContext {
    /// What the log says of a request, beside its id.
    fileprivate var logMetadata: Logger.Metadata {
        var metadata = Logger.Metadata(minimumCapacity: 8)
        metadata["route"] = .string(endpointPath ?? "none")
        caller.describe(in: &metadata)
        return metadata
    }
}

extension Fault {
    /// Something broke, here or in what we stand on, and nobody has reported it yet.
    ///
    /// A run's failure is reported where the run was made.
    fileprivate var isOurs: Bool { code.kind.isFailure && code != .draining && !(cause is RunEvent.Failure) }
}
