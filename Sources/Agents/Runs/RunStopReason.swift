/// Why a run is stopped before its end.
enum RunStopReason: Sendable {
    /// By whoever asked.
    case requested
    /// Whoever asked may no longer come in.
    case revoked
    /// The process ends.
    case shutdown
    /// The process was given up for dead, and the run with it.
    case leaseLost
}
