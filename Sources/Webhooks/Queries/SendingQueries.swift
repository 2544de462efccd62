internal import Outbound
internal import Postgres
internal import Primitives
internal import Tenancy

/// A delivery as it stands, with all that sending it needs; no row where its endpoint is not there any more.
struct SelectSending: Statement {
    static let sql = """
        SELECT delivery.state, round, step, turn_at, body, name, url, sealed_headers, sealed_secret,
            CASE WHEN previous_until > statement_timestamp() THEN previous_secret END, retry_count, timeout_seconds, rate,
            is_active, disabled_reason, failing_since IS NOT NULL, rest_until, statement_timestamp(),
            delivery.ordering_key IS NOT NULL,
            CASE WHEN state = 'pending' AND delivery.ordering_key IS NOT NULL AND endpoint.ordering_key IS NOT NULL
                THEN \(DeliveryOrder.isBehind) ELSE false END,
            attempts, next_attempt_at,
            (
                SELECT started_at FROM webhooks.attempt
                WHERE attempt.tenant_id = $1 AND attempt.endpoint_id = $2 AND attempt.event_id = $3
                    AND number = delivery.attempts AND outcome = 'unknown'
            ),
            (SELECT organization.state FROM tenancy.organization WHERE organization.tenant_id = $1)
        FROM webhooks.delivery
        JOIN webhooks.endpoint ON endpoint.tenant_id = delivery.tenant_id AND endpoint.id = endpoint_id
        JOIN webhooks.message ON message.tenant_id = delivery.tenant_id AND message.event_id = delivery.event_id
        WHERE delivery.tenant_id = $1 AND endpoint_id = $2 AND delivery.event_id = $3
        """
    let tenantID: TenantID
    let piece: DeliveryPiece

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID] }

    static func decode(_ row: inout RowReader) throws -> Sending {
        Sending(
            state: try row.read(WebhookDelivery.State.self),
            round: try row.read(),
            step: try row.read(),
            turnAt: try row.read(Timestamp?.self),
            body: try row.read(),
            endpointName: try row.read(),
            url: try row.read(),
            sealedHeaders: try row.read(),
            sealedSecrets: [try row.read([UInt8].self), try row.read([UInt8]?.self)].compactMap(\.self),
            retryCount: try row.read(),
            timeout: .seconds(try row.read(Int.self)),
            rate: try row.read(Int?.self),
            isActive: try row.read(),
            disabled: try row.read(WebhookEndpoint.Disabled.Reason?.self),
            isFailing: try row.read(),
            restUntil: try row.read(Timestamp?.self),
            now: try row.read(),
            isOrdered: try row.read(),
            isBehind: try row.read(),
            attempts: try row.read(),
            dueAt: try row.read(Timestamp?.self),
            openSince: try row.read(Timestamp?.self),
            organizationState: try row.read(Organization.State?.self)
        )
    }
}

/// The next turn of an endpoint's rate: turns are as far apart as the rate says, whichever process asks.
///
/// Kept with the delivery, which may then come back for it; no row where one of them is not there any more.
struct TakeTurn: Statement {
    static let sql = """
        WITH turn AS (
            UPDATE webhooks.endpoint
            SET next_send_at = greatest(next_send_at, rest_until, statement_timestamp()) + interval '1 second' / $4::int8
            WHERE tenant_id = $1 AND id = $2
            RETURNING next_send_at - interval '1 second' / $4::int8 AS at
        )
        UPDATE webhooks.delivery SET turn_at = turn.at FROM turn
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3
        RETURNING extract(epoch FROM greatest(turn_at - statement_timestamp(), interval '0'))::float8
        """
    let tenantID: TenantID
    let piece: DeliveryPiece
    /// Sends a second.
    let rate: Int

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID, rate] }

    /// How long until then.
    static func decode(_ row: inout RowReader) throws -> Duration { .seconds(try row.read(Double.self)) }
}

/// That an attempt begins: to be committed before its socket is opened.
///
/// Its number is one more than the last. No row where another attempt, or another round, was begun since the delivery was
/// looked at.
struct InsertAttempt: Statement {
    static let sql = """
        WITH counted AS (
            UPDATE webhooks.delivery SET attempts = attempts + 1, turn_at = NULL
            WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND round = $6 AND attempts = $7
            RETURNING attempts
        )
        INSERT INTO webhooks.attempt (tenant_id, endpoint_id, event_id, number, trigger, url, started_at)
        SELECT $1, $2, $3, attempts, $4, $5, statement_timestamp() FROM counted
        RETURNING number
        """
    let tenantID: TenantID
    let piece: DeliveryPiece
    let sending: Sending

    var bindings: Bindings {
        [
            tenantID, piece.endpointID, piece.eventID, piece.trigger, sending.url, piece.round, sending.attempts,
        ]
    }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

struct FinishAttempt: Command {
    static let sql = """
        UPDATE webhooks.attempt
        SET outcome = $5, finished_at = now(), duration_ms = $6, error = $7, status = $8, response_headers = $9,
            response_body = $10, is_body_cut = $11, address = $12
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND number = $4
        """
    let tenantID: TenantID
    let piece: DeliveryPiece
    let number: Int
    let result: SendResult

    var bindings: Bindings {
        let response = result.response
        let outcome: WebhookAttempt.Outcome = result.isSuccess ? .succeeded : .failed
        return [
            tenantID, piece.endpointID, piece.eventID, number, outcome, Int(result.duration.milliseconds), result.error,
            response?.status, result.headers, response.map { Array($0.body.prefix(SendResult.keptBody)) },
            response.map { $0.isCut || $0.body.count > SendResult.keptBody }, response?.address.description,
        ]
    }
}

/// It arrived, whichever round it was of.
struct SucceedDelivery: Command {
    static let sql = """
        UPDATE webhooks.delivery SET state = 'succeeded', next_attempt_at = NULL, finished_at = now()
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3
        """
    let tenantID: TenantID
    let piece: DeliveryPiece

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID] }
}

/// A failure that is tried again; 0 rows where the round is over.
struct PostponeDelivery: Command {
    static let sql = """
        UPDATE webhooks.delivery SET step = step + 1, next_attempt_at = now() + $5::float8 * interval '1 second'
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND round = $4 AND state = 'pending'
        """
    let tenantID: TenantID
    let piece: DeliveryPiece
    let delay: Duration

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID, piece.round, delay.seconds] }
}

/// The end of a round, without success; 0 rows where it is over.
struct EndDelivery: Command {
    static let sql = """
        UPDATE webhooks.delivery
        SET state = $5, next_attempt_at = NULL, turn_at = NULL, finished_at = CASE $5 WHEN 'failed' THEN now() END
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND round = $4 AND state = 'pending'
        """
    let tenantID: TenantID
    let piece: DeliveryPiece
    let state: WebhookDelivery.State

    var bindings: Bindings { [tenantID, piece.endpointID, piece.eventID, piece.round, state] }
}
