internal import Primitives

/// What becomes of moments at which a schedule was due and nobody was there.
public enum CatchUp: Sendable, Hashable {
    /// Only what is less than a minute late.
    case skip
    /// One job for the newest moment, however many were missed.
    case last
    /// A job for each, of the newest so many.
    case all(atMost: Int)

    /// How late is not yet missed.
    private static let grace = Duration.seconds(60)

    /// - Parameter due: in their order.
    func chosen(from due: [Timestamp], now: Timestamp) -> [Timestamp] {
        switch self {
        case .skip: due.filter { now - $0 < Self.grace }
        case .last: due.suffix(1)
        case .all(let cap): due.suffix(max(cap, 1))
        }
    }
}
