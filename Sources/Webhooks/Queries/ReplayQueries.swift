internal import FoundationEssentials
internal import Postgres
internal import Primitives

/// How many of an endpoint's deliveries have not arrived, of events from one id to another.
struct CountUnsuccessful: Statement {
    static let sql = """
        SELECT count(*) FROM webhooks.delivery
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id > $3 AND event_id <= $4 AND state <> 'succeeded'
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let span: EventSpan

    var bindings: Bindings { [tenantID, endpointID, span.after, span.through] }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// Events by their ids, which are in the order of time.
struct EventSpan: Sendable {
    let after: UUID
    let through: UUID
}

struct InsertReplay: Command {
    static let sql = """
        INSERT INTO webhooks.replay (tenant_id, id, endpoint_id, is_release, since, total, cursor, until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """
    let tenantID: TenantID
    let id: WebhookReplayID
    let endpointID: WebhookID
    let isRelease: Bool
    let since: Timestamp
    let total: Int
    let span: EventSpan

    var bindings: Bindings { [tenantID, id, endpointID, isRelease, since, total, span.after, span.through] }
}

/// No row where it is to none of people's endpoints.
struct SelectReplay: Statement {
    static let sql = """
        SELECT \(WebhookReplay.columns) FROM webhooks.replay WHERE replay.tenant_id = $1 AND replay.id = $2
            AND EXISTS (
                SELECT FROM webhooks.endpoint
                WHERE endpoint.tenant_id = $1 AND endpoint.id = endpoint_id AND kind = 'events'
            )
        """
    let tenantID: TenantID
    let id: WebhookReplayID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> WebhookReplay { try WebhookReplay(from: &row) }
}

/// Where a replay goes on; no row where it has ended, or its endpoint is gone.
struct SelectReplayPlace: Statement {
    static let sql = """
        SELECT endpoint_id, is_release, enqueued, cursor, until FROM webhooks.replay
        WHERE replay.tenant_id = $1 AND replay.id = $2 AND finished_at IS NULL
            AND EXISTS (SELECT FROM webhooks.endpoint WHERE endpoint.tenant_id = $1 AND endpoint.id = endpoint_id)
        FOR UPDATE
        """
    let tenantID: TenantID
    let id: WebhookReplayID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> ReplayPlace {
        ReplayPlace(
            endpointID: try row.read(),
            isRelease: try row.read(),
            enqueued: try row.read(),
            span: EventSpan(after: try row.read(), through: try row.read())
        )
    }
}

struct ReplayPlace: Sendable {
    let endpointID: WebhookID
    let isRelease: Bool
    let enqueued: Int
    let span: EventSpan
}

/// Begins a new round of the next deliveries that did not arrive, oldest first.
///
/// What is being sent at this moment is among them: the new round's job waits for that, and is over if it arrives.
struct BeginRounds: Statement {
    static let sql = """
        WITH page AS (
            SELECT event_id FROM webhooks.delivery
            WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id > $3 AND event_id <= $4 AND state <> 'succeeded'
            ORDER BY event_id LIMIT $5 FOR UPDATE
        )
        UPDATE webhooks.delivery
        SET state = 'pending', round = round + 1, step = 0, next_attempt_at = now(), finished_at = NULL
        FROM page
        WHERE tenant_id = $1 AND endpoint_id = $2 AND delivery.event_id = page.event_id
        RETURNING delivery.event_id, round
        """
    let tenantID: TenantID
    let place: ReplayPlace
    let limit: Int

    var bindings: Bindings { [tenantID, place.endpointID, place.span.after, place.span.through, limit] }

    static func decode(_ row: inout RowReader) throws -> (id: EventID, round: Int) {
        (try row.read(), try row.read())
    }
}

/// The same of what waits for its endpoint to be enabled, for those ahead of it, or for a turn of a rate; what waits for the
/// schedule goes on waiting, and what was tried has been tried.
struct BeginRelease: Statement {
    static let sql = """
        WITH page AS (
            SELECT event_id FROM webhooks.delivery
            WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id > $3 AND event_id <= $4
                AND state IN ('pending', 'held')
                AND (state = 'held' OR next_attempt_at IS NULL OR turn_at > statement_timestamp())
            ORDER BY event_id LIMIT $5 FOR UPDATE
        )
        UPDATE webhooks.delivery
        SET state = 'pending', round = round + 1, step = CASE state WHEN 'held' THEN 0 ELSE step END,
            next_attempt_at = now(), turn_at = NULL
        FROM page
        WHERE tenant_id = $1 AND endpoint_id = $2 AND delivery.event_id = page.event_id
        RETURNING delivery.event_id, round
        """
    let tenantID: TenantID
    let place: ReplayPlace
    let limit: Int

    var bindings: Bindings { [tenantID, place.endpointID, place.span.after, place.span.through, limit] }

    static func decode(_ row: inout RowReader) throws -> (id: EventID, round: Int) {
        (try row.read(), try row.read())
    }
}

struct AdvanceReplay: Command {
    static let sql = """
        UPDATE webhooks.replay
        SET cursor = coalesce($3, cursor), enqueued = enqueued + $4, finished_at = CASE WHEN $5 THEN now() END
        WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let id: WebhookReplayID
    let cursor: UUID?
    let count: Int
    let isFinished: Bool

    var bindings: Bindings { [tenantID, id, cursor, count, isFinished] }
}

extension WebhookReplay {
    static let columns = "id, endpoint_id, is_release, since, total, enqueued, created_at, finished_at"

    fileprivate init(from row: inout RowReader) throws {
        id = try row.read()
        endpointID = try row.read()
        isRelease = try row.read()
        since = try row.read()
        total = try row.read()
        enqueued = try row.read()
        createdAt = try row.read()
        finishedAt = try row.read(Timestamp?.self)
    }
}
