internal import Events
internal import Jobs
internal import Primitives
internal import ServiceLifecycle
internal import Tenancy

/// Enqueues jobs of some tenants, with a row of the same transaction for each, which is rolled back one time in five; for
/// tenants that have endpoints as many events happen in it.
struct Enqueuer: Service {
    private struct Change: Error {}

    let database: TenantDatabase
    let total: Int
    let pause: Int

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
        let tenantID = Tenants.all.randomElement() ?? .none
        let isEnough = try await database.transaction(in: tenantID) { transaction in
            guard try await transaction.queryFirst(CountCauses()) ?? 0 < total else { return true }
            let ids = try await transaction.enqueue(Self.jobs())
            try await transaction.execute(InsertCauses(jobIDs: ids))
            if Tenants.listening.contains(tenantID) {
                let events = ids.map { id in
                    Event(.messageReceived, data: ["job": .string(id.description)], occurredAt: WallClock.system.now())
                }
                try await transaction.append(events)
                try await transaction.execute(InsertHappenings(eventIDs: events.map(\.id)))
            }
            if Int.random(in: 0..<5) == 0 { throw Change() }
            return false
        }
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

enum Tenants {
    static let all = (0..<20).map { TenantID(clerkOrganizationID: "chaos-\($0)") }
    /// Those that have endpoints.
    static let listening = all.prefix(5)
}
