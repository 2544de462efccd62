/// What loops are woken for: that there is something new to look at, not what.
public struct WakeUpTopic: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
