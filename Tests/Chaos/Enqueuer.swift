internal import Jobs
internal import Primitives
internal import ServiceLifecycle
internal import Tenancy

/// Enqueues jobs of some tenants, with a row of the same transaction for each, which is rolled back one time in five.
struct Enqueuer: Service {
    private struct Change: Error {}

    let database: TenantDatabase
    let notifier: JobNotifier
    let total: Int
    let pause: Int

    private static let tenants = (0..<20).map { TenantID(clerkOrganizationID: "chaos-\($0)") }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    guard try await self.enqueueSome() else { return }
                } catch {
                    // Postgres restarts, or the transaction was rolled back on purpose.
                }
                try? await Task.sleep(for: .milliseconds(Int.random(in: 0...self.pause)))
            }
        }
    }

    /// - Returns: false once there are enough.
    private func enqueueSome() async throws -> Bool {
        let tenantID = Self.tenants.randomElement() ?? .none
        let isEnough = try await database.transaction(in: tenantID) { transaction in
            guard try await transaction.queryFirst(CountCauses()) ?? 0 < total else { return true }
            let ids = try await transaction.enqueue(Self.jobs())
            try await transaction.execute(InsertCauses(jobIDs: ids))
            if Int.random(in: 0..<5) == 0 { throw Change() }
            return false
        }
        notifier.notify(Deed.queue)
        return !isEnough
    }

    private static func jobs() -> [NewJob] {
        (0..<Int.random(in: 1...10)).map { _ in
            var options = JobOptions(priority: .allCases.randomElement() ?? .normal)
            switch Int.random(in: 0..<20) {
            case 0: options.delay = .milliseconds(Int.random(in: 1...3000))
            case 1: options.uniqueKey = "key \(Int.random(in: 0..<5))"
            default: break
            }
            return NewJob(Deed(), options)
        }
    }
}
