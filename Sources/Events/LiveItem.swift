public import Primitives

/// What a subscription gives, in this order: a cursor, then events; after a `gap`, a cursor again; and a cursor now and
/// then while there are no events.
public enum LiveItem: Sendable, Equatable {
    /// Where the stream stands: to be sent as a bare `id:` block.
    ///
    /// It moves on with events that the reader does not see, of other types, agents and tenants, so a quiet reader's
    /// cursor never falls out of what is kept.
    case cursor(EventCursor)
    case event(LiveEvent)
    /// Events were lost to this reader; what follows goes on from the cursor that comes next.
    case gap(GapReason)

    public enum GapReason: String, Sendable {
        /// The cursor was never given, or is of a log that was since restored to an earlier state.
        case unknown
        /// The cursor is of a position that does not exist yet.
        case future
        /// What came after the cursor is no longer kept.
        case expired
    }
}

/// An event with its place in the order.
public struct LiveEvent: Sendable, Equatable {
    public let cursor: EventCursor
    public let id: EventID
    public let type: EventType
    /// The JSON of `data`, byte for byte as it was appended.
    public let payload: String
    public let agentID: AgentID?
    public let occurredAt: Timestamp

    /// What it counts for in a reader's buffer, in bytes; the constant is for everything but the payload.
    var size: Int { payload.utf8.count + 128 }
}

/// A position of the log, whosever it is.
struct LogEntry: Sendable {
    let tenantID: TenantID
    let cursor: EventCursor
    /// nil where the event is internal, or was erased since.
    let event: LiveEvent?
}
