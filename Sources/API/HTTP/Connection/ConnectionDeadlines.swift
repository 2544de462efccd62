internal import NIOCore

/// How long a connection may take for what it does now, as a value: inputs move the deadline, `expire` says what has to
/// be done when it has passed.
///
/// Every state but one has a deadline. While an answer is made, it is the maker's: a model may take minutes.
struct ConnectionDeadlines {
    struct Limits {
        /// From the connection's beginning to the end of its first request's headers.
        var firstHead = TimeAmount.seconds(20)
        /// From an answer to the end of the next request's headers; longer than the proxies in front keep an idle
        /// connection (60 s), so that they close it, not we under their next request.
        var nextHead = TimeAmount.seconds(75)
        /// For a body, and a second more for each so many bytes of it.
        var body = TimeAmount.seconds(20)
        var bytesPerSecond = 16_384
        /// Of a body, whatever its route does with it: above the largest form that any route takes.
        var maximumBody = 24 << 20
        /// In which a client must take something of an answer; what waits for it is at most NIO's 64 KiB.
        var blocked = TimeAmount.seconds(60)
        /// Until the connection is closed, after a request was refused before its end.
        var farewell = TimeAmount.seconds(10)
    }

    enum Expiry: Equatable {
        case refuse(BrokenRequest)
        case close
    }

    private enum Phase {
        case waiting(until: NIODeadline)
        case receiving(since: NIODeadline, bytes: Int)
        /// The answer came before the request's end.
        case discarding(until: NIODeadline)
        case answering
        case ending(at: NIODeadline)
    }

    private let limits: Limits
    private var phase: Phase
    private var blockedUntil: NIODeadline?
    /// The server ends: no request may be received for longer.
    private var lastCall: NIODeadline?
    /// Requests whose answers are not finished; more than one where they are pipelined.
    private(set) var unanswered = 0

    init(_ limits: Limits = Limits(), now: NIODeadline) {
        self.limits = limits
        phase = .waiting(until: now + limits.firstHead)
    }

    /// Whether the request that is being answered has not come to its end.
    var isReceiving: Bool {
        if case .receiving = phase { unanswered > 0 } else { false }
    }

    var deadline: NIODeadline? {
        let own: NIODeadline? =
            switch phase {
            case .waiting(let until), .discarding(let until), .ending(let until): until
            case .receiving(let since, let bytes):
                min(since + limits.body + allowance(bytes), lastCall ?? .distantFuture)
            case .answering: nil
            }
        guard let own, let blockedUntil else { return own ?? blockedUntil }
        return min(own, blockedUntil)
    }

    mutating func headReceived(now: NIODeadline) {
        unanswered += 1
        phase = .receiving(since: now, bytes: 0)
    }

    /// - Returns: false when the body is larger than any may be.
    mutating func bodyReceived(_ count: Int, now: NIODeadline) -> Bool {
        guard case .receiving(let since, let bytes) = phase else { return true }
        guard bytes + count <= limits.maximumBody else {
            failed(now: now)
            return false
        }
        phase = .receiving(since: since, bytes: bytes + count)
        return true
    }

    mutating func endReceived(now: NIODeadline) {
        if case .ending = phase { return }
        phase = unanswered == 0 ? .waiting(until: now + limits.nextHead) : .answering
    }

    /// - Parameter bytes: of the answer's body, which a slow client may still have to take.
    mutating func answered(_ bytes: Int, now: NIODeadline) {
        unanswered = max(0, unanswered - 1)
        guard unanswered == 0 else { return }
        switch phase {
        case .answering: phase = .waiting(until: now + limits.nextHead + allowance(bytes))
        case .receiving: phase = .discarding(until: now + limits.farewell)
        case .waiting, .discarding, .ending: break
        }
    }

    mutating func writabilityChanged(_ isWritable: Bool, now: NIODeadline) {
        blockedUntil = isWritable ? nil : now + limits.blocked
    }

    mutating func quiesce(now: NIODeadline) {
        lastCall = now + limits.farewell
    }

    /// Nothing more is read from this connection.
    mutating func failed(now: NIODeadline) {
        if case .ending = phase { return }
        phase = .ending(at: now + limits.farewell)
    }

    /// - Returns: nil when the deadline has not passed.
    mutating func expire(now: NIODeadline) -> Expiry? {
        guard let deadline, deadline <= now else { return nil }
        if blockedUntil.map({ $0 <= now }) != true, isReceiving {
            failed(now: now)
            return .refuse(.tooSlow)
        }
        return .close
    }

    private func allowance(_ bytes: Int) -> TimeAmount { .seconds(Int64(bytes / limits.bytesPerSecond)) }
}
