/// A client's hold on a run: who it is, and what it tells.
package struct RunAttachment: Sendable {
    package let identity: RunIdentity
    package let events: RunEvents
    /// The request was made before, and this is its run.
    package let isRepeated: Bool
}
