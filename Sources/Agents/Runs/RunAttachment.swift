/// A client's hold on a run: who it is, and what it tells.
public struct RunAttachment: Sendable {
    public let identity: RunIdentity
    public let events: RunEvents
    /// The request was made before, and this is its run.
    public internal(set) var isRepeated = false
}
