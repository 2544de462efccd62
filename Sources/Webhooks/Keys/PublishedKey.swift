public import Primitives

/// A public key of ours, as receivers are told of it.
public struct PublishedKey: Sendable, Hashable {
    /// In the form `whpk_…`.
    public let text: String
    /// From then on it signs; receivers should know it by then.
    public let signsFrom: Timestamp
    /// nil for the newest.
    public let publishedUntil: Timestamp?
}
