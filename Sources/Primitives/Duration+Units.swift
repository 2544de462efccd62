extension Duration {
    /// The duration in whole microseconds, what is below is cut off.
    public var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// The duration in whole milliseconds, what is below is cut off.
    public var milliseconds: Int64 {
        microseconds / 1000
    }

    /// The duration in seconds with their fraction: what is bound where Postgres multiplies an interval.
    public var seconds: Double { self / .seconds(1) }

    /// The whole seconds after which a duration that is not negative is over, as HTTP's headers say it.
    ///
    /// What is below a millisecond is cut off before.
    public var secondsRoundedUp: Int64 { (milliseconds + 999) / 1000 }
}
