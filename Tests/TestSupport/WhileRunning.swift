package import Logging
package import ServiceLifecycle

/// Runs services as a server does while `body` runs, and returns or throws once they have ended.
///
/// They end gracefully whatever became of `body`: a service that is cancelled leaves behind what it would have finished.
///
/// - Throws: what a service threw, for it may be why `body` failed; else what `body` threw.
package func whileRunning<T>(
    _ services: [any Service],
    logger: Logger = TestDatabase.logger,
    _ body: () async throws -> T
) async throws -> T {
    let group = ServiceGroup(services: services, logger: logger)
    async let run: Void = group.run()
    let result: Result<T, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await group.triggerGracefulShutdown()
    try await run
    return try result.get()
}
