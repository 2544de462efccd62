public import Primitives

/// What the system does again and again, each time alike: a job with nothing in its payload.
public protocol Chore: Job {
    init()
}

extension Chore {
    /// The next tick does it anyhow.
    public static var maximumAttempts: Int { 3 }

    public init(payload: JSONObject) throws {
        self.init()
    }

    public var payload: JSONObject { JSONObject() }
}

extension JobSchedule {
    /// One at a time, in UTC; of the times that were missed, it is done once.
    /// - Throws: `schedule_invalid`.
    public init<C: Chore>(_ chore: C.Type, _ expression: String) throws(Fault) {
        try self.init(C.kind, expression) { _ in NewJob(C(), JobOptions(uniqueKey: "one")) }
    }
}
