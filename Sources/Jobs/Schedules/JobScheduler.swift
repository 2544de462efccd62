public import Logging
public import Postgres
public import Primitives
public import ServiceLifecycle
internal import Synchronization

/// Makes the jobs of schedules when they are due.
///
/// Any number of processes may run one, and none leads: whoever comes first writes the tick, in the statement that makes its
/// job. What time it is the database says.
public final class JobScheduler: Service {
    /// How late a tick may be.
    private static let poll = Duration.seconds(1)

    private let schedules: [JobSchedule]
    private let pool: PostgresPool
    private let logger: Logger
    private let wake: @Sendable (WakeUpTopic) -> Void
    private let zones = Mutex<[String: ZoneOffsets]>([:])

    /// - Parameters:
    ///   - pool: the worker's.
    ///   - wake: called after a job was committed, with its queue's topic.
    public init(
        _ schedules: [JobSchedule],
        pool: PostgresPool,
        logger: Logger,
        wake: @escaping @Sendable (WakeUpTopic) -> Void = { _ in }
    ) {
        precondition(Set(schedules.map(\.name)).count == schedules.count, "two schedules have one name")
        self.schedules = schedules
        self.pool = pool
        self.logger = logger
        self.wake = wake
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    try await self.makeDueJobs()
                } catch  where !Task.isCancelled {
                    self.logger.warning("scheduled jobs not made", error: error)
                } catch {
                    break
                }
                // By the clock, which is what makes a schedule due.
            } while (try? await Task.sleep(for: Self.poll)) != nil
        }
    }

    /// Makes the jobs of all ticks since the last one that anybody saw to.
    /// - Parameter moment: nil for the database's time.
    /// - Returns: how many it made; those that another process made are not counted.
    @discardableResult
    func makeDueJobs(at moment: Timestamp? = nil) async throws -> Int {
        guard !schedules.isEmpty else { return 0 }
        let places = try await pool.query(SelectSchedulePlaces(schedules: schedules.map(\.name)))
        let byName = Dictionary(uniqueKeysWithValues: places.map { ($0.schedule, $0) })
        var count = 0
        for schedule in schedules {
            guard let place = byName[schedule.name] else { continue }
            do {
                count += try await makeDueJobs(of: schedule, since: place.lastTick, now: moment ?? place.now)
            } catch  where !Task.isCancelled {
                // The others are due all the same.
                logger.warning("scheduled jobs not made", error: error, metadata: ["schedule": "\(schedule.name)"])
            }
        }
        return count
    }

    private func makeDueJobs(of schedule: JobSchedule, since last: Timestamp?, now: Timestamp) async throws -> Int {
        guard let last else {
            // Whoever sees a schedule first says where it begins; of two, the one that wrote the oldest of all ticks.
            let beginning = InsertTicks(
                schedule: schedule.name,
                ticks: [Timestamp(secondsSinceEpoch: 0), now],
                jobs: [nil, nil]
            )
            _ = try await pool.query(beginning)
            return 0
        }
        guard last < now else { return 0 }
        let offsets = try await offsets(of: schedule.zone, from: last, through: now)
        let due = schedule.expression.ticks(after: last, through: now, in: offsets)
        guard let first = due.first else { return 0 }
        let chosen = schedule.catchUp.chosen(from: due, now: now)
        // The first due tick is always written: whoever writes it decides about all that follow.
        let ticks = chosen.first == first ? chosen : [first] + chosen
        let jobs = ticks.map { chosen.contains($0) ? schedule.makeJob($0) : nil }
        let made = try await pool.query(InsertTicks(schedule: schedule.name, ticks: ticks, jobs: jobs))
        for queue in Set(made) { wake(queue.wakeUpTopic) }
        return made.count
    }

    /// The zone's offsets, read again when they are asked for beyond what was read.
    private func offsets(of zone: String, from start: Timestamp, through end: Timestamp) async throws -> ZoneOffsets {
        // A local day may begin a day before or after one of UTC's.
        let day = Duration.seconds(2 * 86_400)
        if let known = zones.withLock({ $0[zone] }), known.validity.contains(start - day),
            known.validity.contains(end + day)
        {
            return known
        }
        let validity = (start - day)...(end + .seconds(9 * 86_400))
        let select = SelectZoneOffsets(zone: zone, validity: validity)
        let offsets = ZoneOffsets(changes: try await pool.query(select), validity: validity)
        zones.withLock { $0[zone] = offsets }
        return offsets
    }
}
