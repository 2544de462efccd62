internal import Synchronization

/// Decides what a cancel does to a connection: it must reach the statement it is meant for, or none.
///
/// `PQcancel` stops whatever the connection runs at the moment it arrives, so the connection may go to its next borrower
/// only after the call returned. A cancel that overtakes its own statement is lost, hence it is repeated until the
/// statement has ended.
struct CancelGate {
    typealias Ticket = UInt64

    private static let made = Atomic<Ticket>(0)

    /// Unique in the process, so that a late cancel can meet no other statement.
    static func makeTicket() -> Ticket {
        made.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Handed over and not yet begun; true when cancelled meanwhile.
    private var pending: [Ticket: Bool] = [:]
    private var running: (ticket: Ticket, isCancelled: Bool)?
    private var isCancelUnderWay = false

    mutating func enqueue(_ ticket: Ticket) {
        pending[ticket] = false
    }

    /// - Returns: false when it was cancelled before and must not be sent.
    mutating func begin(_ ticket: Ticket) -> Bool {
        guard pending.removeValue(forKey: ticket) == false else { return false }
        running = (ticket, false)
        return true
    }

    /// - Returns: true when a cancel must be sent now; `cancelReturned()` has to follow.
    mutating func cancel(_ ticket: Ticket) -> Bool {
        if pending[ticket] != nil { pending[ticket] = true }
        guard let running, running.ticket == ticket, !running.isCancelled else { return false }
        self.running = (ticket, true)
        isCancelUnderWay = true
        return true
    }

    mutating func cancelReturned() {
        isCancelUnderWay = false
    }

    /// - Returns: true when the statement still runs and another cancel must be sent now.
    mutating func cancelAgain(_ ticket: Ticket) -> Bool {
        guard running?.ticket == ticket else { return false }
        isCancelUnderWay = true
        return true
    }

    /// The statement's last result has come.
    /// - Returns: whether it was cancelled, in time or not; nil while a cancel is under way, which must be waited for.
    mutating func finish() -> Bool? {
        guard !isCancelUnderWay else { return nil }
        defer { running = nil }
        return running?.isCancelled ?? false
    }
}
