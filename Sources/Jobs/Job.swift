public import Primitives

/// A kind of durable work, and one piece of it: what a transaction enqueues and a worker later hands to the kind's handler.
///
///     struct IndexDocument: Job {
///         static let kind = "knowledge.index_document"
///         let documentID: DocumentID
///
///         init(payload: JSONObject) throws { … }
///         var payload: JSONObject { JSONObject([("document_id", .string(documentID.description))]) }
///     }
///
/// The payload is JSON in the project's own types, written and read by the kind itself: what one version wrote another may
/// read, so a kind says how. It is stored as `jsonb`, which takes no U+0000, and is kept small: ids, not contents.
public protocol Job: Sendable {
    /// The name that rows carry, `<module>.<verb_noun>`; stable, since rows outlive programs.
    static var kind: String { get }
    /// Where jobs of the kind wait, unless they are enqueued elsewhere.
    static var queue: JobQueue { get }
    /// How often one is tried before it is dead, unless it is enqueued with another number.
    static var maximumAttempts: Int { get }
    /// How long it rests after a failure.
    static var backoff: Backoff { get }
    /// How long one attempt may take. Beyond it the handler is cancelled, and the attempt has failed, also where the handler
    /// goes on.
    static var maximumDuration: Duration { get }

    /// - Throws: for what cannot be read; the attempt has then failed, and another version may yet read it.
    init(payload: JSONObject) throws
    var payload: JSONObject { get }
}

extension Job {
    public static var queue: JobQueue { .default }
    public static var maximumAttempts: Int { 20 }
    public static var backoff: Backoff { Backoff() }
    public static var maximumDuration: Duration { .seconds(600) }
}
