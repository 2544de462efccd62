internal import HTTPTypes
internal import Hummingbird
internal import Metrics
public import NIOCore
internal import NIOHTTP1
public import NIOHTTPTypes
public import Primitives

/// Keeps one connection within its time and memory, whatever its client does, and answers in the contract's form what is
/// no HTTP at all.
///
/// A client that takes nothing is Linux's to notice: `TCP_USER_TIMEOUT` ends a connection whose data nobody has taken for
/// 30 s, also where the client lives and keeps its window shut.
public final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = HTTPRequestPart
    public typealias InboundOut = HTTPRequestPart
    public typealias OutboundIn = HTTPResponsePart
    public typealias OutboundOut = HTTPResponsePart

    private static let unacknowledgedMilliseconds = 30_000

    private let clock: WallClock
    private var deadlines = ConnectionDeadlines(now: .now())
    private var timer: (scheduled: Scheduled<Void>, deadline: NIODeadline)?
    private var answerBytes = 0
    private var hasHeadersTooLarge = false
    /// What comes from now on belongs to no request that we know, or is not answered.
    private var isBroken = false
    /// Whether the answer that is being written is the last, although more requests have come.
    private var hangsUp = false

    /// Whether more requests have come than the one that is being answered.
    fileprivate var hasPipelinedRequests: Bool { deadlines.unanswered > 1 }

    public init(clock: WallClock = .system) {
        self.clock = clock
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        // TCP_USER_TIMEOUT is 18 (linux/tcp.h).
        let option = ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: 18))
        try? context.channel.syncOptions?.setOption(option, value: Self.unacknowledgedMilliseconds)
        watch(context)
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        timer?.scheduled.cancel()
        timer = nil
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            // Where a body ends that is coded in another way, the parser does not know (RFC 9112 §6.3).
            guard head.headerFields[.transferEncoding].map({ $0.lowercased() == "chunked" }) != false else {
                return errorCaught(context: context, error: HTTPParserError.unknown)
            }
            deadlines.headReceived(now: .now())
        case .body(let buffer):
            guard deadlines.bodyReceived(buffer.readableBytes, now: .now()) else {
                return errorCaught(context: context, error: BrokenRequest.tooLarge)
            }
        case .end: deadlines.endReceived(now: .now())
        }
        context.fireChannelRead(data)
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        watch(context)
        context.fireChannelReadComplete()
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.writabilityChanged(context.channel.isWritable, now: .now())
        watch(context)
        context.fireChannelWritabilityChanged()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            deadlines.quiesce(now: .now())
            watch(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isReceiving = deadlines.isReceiving
        isBroken = true
        deadlines.failed(now: .now())
        watch(context)
        switch error {
        case is BrokenRequest: context.fireErrorCaught(error)
        case let error as HTTPParserError:
            hasHeadersTooLarge = error == .headerOverflow
            context.fireErrorCaught(isReceiving ? BrokenRequest.malformed : error)
        case is IOError, is ChannelError:
            context.fireErrorCaught(isReceiving ? BrokenRequest.disconnected : error)
        default:
            // Such as a header that the parser lets pass and HTTPTypes do not: Hummingbird answers parser errors alone.
            context.fireErrorCaught(isReceiving ? BrokenRequest.malformed : HTTPParserError.unknown)
        }
    }

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            answerBytes = 0
            hangsUp = hasPipelinedRequests && head.headerFields[.connection] == "close"
            // Every answer of ours has one: this is Hummingbird's to what it could not parse.
            if head.headerFields[.requestID] == nil, head.status.kind != .informational {
                return refuse(context, promise)
            }
        case .body(let buffer): answerBytes += buffer.readableBytes
        case .end:
            deadlines.answered(answerBytes, now: .now())
            if hangsUp { return hangUp(context, after: data, promise) }
            watch(context)
        }
        context.write(data, promise: promise)
    }

    /// Hummingbird would answer all requests that have come.
    private func hangUp(_ context: ChannelHandlerContext, after data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        isBroken = true
        deadlines.failed(now: .now())
        watch(context)
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
        context.write(data, promise: written)
    }

    private func refuse(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let fault = hasHeadersTooLarge ? Fault.headersTooLarge : .malformedHTTP
        let requestID = Primitives.RequestID.next()
        let body = fault.envelope(in: .portuguese, requestID: requestID, at: clock.now())
        let fields: HTTPFields = [
            .contentType: "application/json; charset=utf-8", .contentLength: String(body.count), .connection: "close",
            .requestID: requestID.description, .xContentTypeOptions: "nosniff",
        ]
        let status = fault.code.kind.status
        Counter(
            label: "http_requests_total",
            dimensions: [("method", "none"), ("route", "none"), ("status", String(status.code))]
        ).increment()
        context.write(wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: fields))), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: promise)
    }

    // MARK: Deadlines

    /// Sees that somebody looks when the deadline passes.
    ///
    /// A timer that comes too early looks and is set again: a request moves the deadline several times, and the timer
    /// hardly ever.
    private func watch(_ context: ChannelHandlerContext) {
        guard let deadline = deadlines.deadline else { return }
        if let timer {
            guard deadline < timer.deadline else { return }
            timer.scheduled.cancel()
        }
        let scheduled = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            switch self.deadlines.expire(now: .now()) {
            case .close?: context.close(promise: nil)
            case .refuse(let failure)?: self.errorCaught(context: context, error: failure)
            case nil: self.watch(context)
            }
        }
        timer = (scheduled, deadline)
    }
}

extension Channel {
    /// Whether its client sent more requests than the one that is being answered; false where that is not asked on its event
    /// loop.
    var hasPipelinedRequests: Bool {
        guard eventLoop.inEventLoop else { return false }
        return (try? pipeline.syncOperations.handler(type: ConnectionGuard.self).hasPipelinedRequests) ?? false
    }
}
