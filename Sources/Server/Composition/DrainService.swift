internal import API
internal import Jobs
internal import ServiceLifecycle

/// The first to hear that the process ends: from then on new requests are refused, and no jobs are claimed.
///
/// Answers and jobs so have their time to finish at once, and not one after the other.
struct DrainService: Service {
    let drain: DrainSwitch
    let jobs: JobWorker?

    func run() async throws {
        try? await gracefulShutdown()
        drain.begin()
        jobs?.drain()
    }
}
