extension Duration {
    /// The duration in whole microseconds, what is below is cut off.
    public var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// The duration in whole milliseconds, what is below is cut off.
    public var milliseconds: Int64 {
        microseconds / 1000
    }

    /// The duration in seconds, with their fraction.
    public var seconds: Double { self / .seconds(1) }

    /// The whole milliseconds of a duration that is not negative, rounded up to whole seconds, as HTTP's headers say it.
    public var secondsRoundedUp: Int64 { (milliseconds + 999) / 1000 }
}
