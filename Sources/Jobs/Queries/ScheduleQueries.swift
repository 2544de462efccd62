internal import Postgres
internal import Primitives

/// Where a schedule goes on.
struct SchedulePlace: Sendable {
    let schedule: String
    /// nil for one that nobody has seen yet.
    let lastTick: Timestamp?
    /// The database's time.
    let now: Timestamp
}

struct SelectSchedulePlaces: Statement {
    static let sql = """
        SELECT schedule, (
            SELECT tick FROM jobs.tick
            WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND tick.schedule = given.schedule
            ORDER BY tick DESC LIMIT 1
        ), statement_timestamp()
        FROM unnest($1::text[]) AS given (schedule)
        """
    let schedules: [String]

    var bindings: Bindings { [schedules] }

    static func decode(_ row: inout RowReader) throws -> SchedulePlace {
        SchedulePlace(
            schedule: try row.read(),
            lastTick: try row.read(Timestamp?.self),
            now: try row.read()
        )
    }
}

/// Writes ticks of a schedule with their jobs, all or none: none where another process has written the first of them.
///
/// Two processes that go on from the same tick have the same first one, whatever time each thinks it is.
struct InsertTicks: Statement {
    static let sql = """
        WITH given AS (
            SELECT tick, nullif(id, '00000000-0000-0000-0000-000000000000') AS id, queue, kind, payload, priority, delay,
                maximum_attempts, nullif(unique_key, '') AS unique_key, ordinal
            FROM unnest(
                $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[], $7::int8[], $8::float8[], $9::int8[],
                $10::text[]
            ) WITH ORDINALITY
                AS given (tick, id, queue, kind, payload, priority, delay, maximum_attempts, unique_key, ordinal)
        ), decided AS (
            INSERT INTO jobs.tick (tenant_id, schedule, tick, job_id)
            SELECT '00000000-0000-0000-0000-000000000000', $1, tick, id FROM given WHERE ordinal = 1
            ON CONFLICT DO NOTHING
            RETURNING tick
        ), followed AS (
            INSERT INTO jobs.tick (tenant_id, schedule, tick, job_id)
            SELECT '00000000-0000-0000-0000-000000000000', $1, given.tick, id FROM given, decided WHERE ordinal > 1
        )
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, state, priority, run_at, maximum_attempts, unique_key)
        SELECT '00000000-0000-0000-0000-000000000000', id, queue, kind, payload,
            CASE WHEN delay > 0 THEN 'scheduled' ELSE 'available' END, priority, now() + delay * interval '1 second',
            maximum_attempts, unique_key
        FROM given, decided WHERE id IS NOT NULL
        ON CONFLICT (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
        RETURNING queue
        """
    let schedule: String
    /// In their order.
    let ticks: [Timestamp]
    /// One for each tick, nil for none.
    let jobs: [NewJob?]

    var bindings: Bindings {
        [
            schedule, ticks, jobs.map { $0?.id ?? .none }, jobs.map { $0?.queue ?? .default },
            jobs.map { $0?.kind ?? "" }, jobs.map { $0?.payload ?? .emptyObject },
            jobs.map { $0?.priority.rawValue ?? 0 }, jobs.map { $0?.delay.seconds ?? 0 },
            jobs.map { $0?.maximumAttempts ?? 0 }, jobs.map { $0?.uniqueKey ?? "" },
        ]
    }

    static func decode(_ row: inout RowReader) throws -> JobQueue { try row.read(JobQueue.self) }
}

/// The offset at the beginning of a time, and each change within it, to the minute.
struct SelectZoneOffsets: Statement {
    static let sql = """
        WITH hour AS (
            SELECT at, lag(at) OVER (ORDER BY at) AS before,
                (at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC') AS shift,
                lag((at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC')) OVER (ORDER BY at) AS shift_before
            FROM generate_series(date_trunc('hour', $2::timestamptz, 'UTC'), $3::timestamptz, interval '1 hour') AS at
        )
        SELECT coalesce(changed.at, hour.at), extract(epoch FROM shift)::int8
        FROM hour LEFT JOIN LATERAL (
            SELECT min(minute) AS at FROM generate_series(before, hour.at, interval '1 minute') AS minute
            WHERE (minute AT TIME ZONE $1) - (minute AT TIME ZONE 'UTC') = shift
        ) AS changed ON true
        WHERE shift IS DISTINCT FROM shift_before
        ORDER BY 1
        """
    let zone: String
    let validity: ClosedRange<Timestamp>

    var bindings: Bindings { [zone, validity.lowerBound, validity.upperBound] }

    static func decode(_ row: inout RowReader) throws -> ZoneOffsets.Change {
        ZoneOffsets.Change(at: try row.read(), offset: Int64(try row.read(Int.self)))
    }
}
