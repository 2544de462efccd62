public import Hummingbird
public import Logging
public import NIOCore
internal import Primitives

extension Edge {
    public func isEventStream(_ request: Request) -> Bool {
        routes.isEventStream(request.uri.path)
    }

    /// The answer to a request that Hummingbird does not handle, with the header fields that it would give.
    ///
    /// A task keeps the memory of its deepest calls for as long as it lives; so it is made in a child, whose memory goes
    /// with it.
    public func answer(to request: Request, over channel: any Channel, logger: Logger) async throws -> Response {
        let source = ApplicationRequestContextSource(channel: channel, logger: logger)
        async let answer = respond(to: request, context: EdgeContext(source: source))
        var response = try await answer
        response.headers[.date] = clock.now().httpDate
        return response
    }
}
