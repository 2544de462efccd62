internal import Postgres
internal import Primitives

/// Which of an endpoint's deliveries; newest first.
struct SelectDeliveries: Statement {
    static let sql = """
        SELECT \(WebhookDelivery.columns) \(WebhookDelivery.source)
        WHERE delivery.tenant_id = $1 AND endpoint_id = $2 AND delivery.event_id < $3
        ORDER BY delivery.event_id DESC LIMIT $4
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let request: PageRequest

    var bindings: Bindings { [tenantID, endpointID, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> WebhookDelivery { try WebhookDelivery(from: &row) }
}

/// Those in one state.
struct SelectDeliveriesInState: Statement {
    static let sql = """
        SELECT \(WebhookDelivery.columns) \(WebhookDelivery.source)
        WHERE delivery.tenant_id = $1 AND endpoint_id = $2 AND delivery.event_id < $3 AND state = $5
        ORDER BY delivery.event_id DESC LIMIT $4
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let request: PageRequest
    let state: WebhookDelivery.State

    var bindings: Bindings { [tenantID, endpointID, request.before.id, request.limit + 1, state] }

    static func decode(_ row: inout RowReader) throws -> WebhookDelivery { try WebhookDelivery(from: &row) }
}

struct SelectDelivery: Statement {
    static let sql = """
        SELECT \(WebhookDelivery.columns), body \(WebhookDelivery.source)
        WHERE delivery.tenant_id = $1 AND endpoint_id = $2 AND delivery.event_id = $3
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let id: EventID

    var bindings: Bindings { [tenantID, endpointID, id] }

    static func decode(_ row: inout RowReader) throws -> (delivery: WebhookDelivery, body: String) {
        (try WebhookDelivery(from: &row), try row.read())
    }
}

struct SelectAttempts: Statement {
    static let sql = """
        SELECT number, trigger, outcome, url, started_at, finished_at, duration_ms, error, status, response_headers,
            response_body, is_body_cut, address
        FROM webhooks.attempt WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3
        ORDER BY number DESC LIMIT 100
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let id: EventID

    var bindings: Bindings { [tenantID, endpointID, id] }

    static func decode(_ row: inout RowReader) throws -> WebhookAttempt { try WebhookAttempt(from: &row) }
}

/// Begins a new round of a delivery's schedule, at once; no row where there is no such delivery.
struct BeginRound: Statement {
    static let sql = """
        UPDATE webhooks.delivery
        SET state = 'pending', round = round + 1, step = 0, next_attempt_at = now(), finished_at = NULL
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3
        RETURNING round
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let id: EventID

    var bindings: Bindings { [tenantID, endpointID, id] }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// A message that is of no event, to one endpoint.
struct InsertDirectMessage: Command {
    static let sql = """
        WITH written AS (
            INSERT INTO webhooks.message (tenant_id, event_id, type, body) VALUES ($1, $3, $4, $5)
        )
        INSERT INTO webhooks.delivery (tenant_id, endpoint_id, event_id, state, next_attempt_at)
        VALUES ($1, $2, $3, 'pending', now())
        """
    let tenantID: TenantID
    let endpointID: WebhookID
    let message: WebhookMessage

    var bindings: Bindings { [tenantID, endpointID, message.id, message.type, message.body] }
}

extension WebhookDelivery {
    static let columns = """
        delivery.event_id, endpoint_id, type, state, attempts, next_attempt_at, ordering_key, delivery.created_at,
            finished_at
        """

    static let source = "FROM webhooks.delivery JOIN webhooks.message USING (tenant_id, event_id)"

    fileprivate init(from row: inout RowReader) throws {
        id = try row.read()
        endpointID = try row.read()
        type = try row.read()
        state = try row.read(State.self)
        attemptCount = try row.read()
        nextAttemptAt = try row.read(Timestamp?.self)
        orderingKey = try row.read(SubjectID?.self)
        createdAt = try row.read()
        finishedAt = try row.read(Timestamp?.self)
    }
}

extension WebhookAttempt {
    fileprivate init(from row: inout RowReader) throws {
        number = try row.read()
        trigger = try row.read(Trigger.self)
        outcome = try row.read(Outcome.self)
        url = try row.read()
        startedAt = try row.read()
        finishedAt = try row.read(Timestamp?.self)
        duration = try row.read(Int?.self).map { .milliseconds($0) }
        error = try row.read(String?.self)
        guard let status = try row.read(Int?.self) else {
            row.skipRemaining()
            response = nil
            return
        }
        response = Response(
            status: status,
            headers: try row.read(),
            body: try row.read(),
            isBodyCut: try row.read(),
            address: try row.read()
        )
    }
}
