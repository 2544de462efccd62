/// Looks again and again until it is so: for what no signal tells.
///
/// - Throws: after a minute, and once the test is cancelled: what it waits for may have failed and never come.
package func until(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try Task.checkCancellation()
        guard ContinuousClock.now < deadline else { throw NeverSo() }
        await Task.yield()
    }
}

/// What a test waited for did not come.
package struct NeverSo: Error {}
