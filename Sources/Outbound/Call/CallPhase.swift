/// How far a call came.
public enum CallPhase: Int, Sendable, Comparable {
    /// The request is being checked.
    case checking
    /// For its turn among the other calls.
    case waiting
    case resolving
    /// TLS included.
    case connecting
    /// A byte of the request may have left.
    case sending
    /// The response's headers have come.
    case receiving

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
