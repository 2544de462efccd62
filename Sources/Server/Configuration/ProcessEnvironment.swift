internal import FoundationEssentials

/// The variables of this process: the one place where they are read.
func processEnvironment() -> [String: String] {
    ProcessInfo.processInfo.environment
}
