internal import Primitives
internal import Redis
internal import ServiceLifecycle
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Telling workers", .database) struct NotifierTests {
    private final class Count: Sendable {
        let value = Atomic(0)
    }

    @Test("another process hears of a commit through Redis, and what is told often is told of few times")
    func hears() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        var configuration = JobWorkerConfiguration(queues: [.test()])
        // Looking by itself would take longer than the test may.
        configuration.poll = .seconds(3600)
        var handlers = JobHandlers()
        handlers.register(Note.self) { _, _ in .completed }
        let worker = JobWorker(
            configuration,
            handlers: handlers,
            database: database.tenants,
            pool: database.worker,
            name: "test",
            observe: observations.record
        )
        let messages = Count()
        var notices = 0
        try await TestRedis.withClient { redis in
            let here = JobNotifier(redis: redis, workers: [])
            let there = JobNotifier(redis: redis, workers: [worker])
            let group = ServiceGroup(services: [worker, here, there], logger: TestDatabase.logger)
            async let run: Void = group.run()
            try await redis.withSubscription(to: ["jobs"]) { subscription in
                try await withThrowingTaskGroup { counting in
                    counting.addTask {
                        for await message in subscription where message != .gap {
                            messages.value.add(1, ordering: .relaxed)
                        }
                    }
                    // Subscribing pokes too: until it is over, nothing shows that a message did.
                    // And a worker that has just ended a job looks again by itself, which may find the next one once.
                    for count in 1...20 {
                        try await database.enqueue(for: .next())
                        try await until {
                            for _ in 0..<1000 { here.notify(Note.queue) }
                            notices += 1000
                            return observations.endings.count == count
                        }
                    }
                    counting.cancelAll()
                }
            }
            await group.triggerGracefulShutdown()
            try await run
        }
        #expect(observations.endings == Array(repeating: "completed", count: 20))
        #expect(messages.value.load(ordering: .relaxed) * 10 < notices)
    }
}
