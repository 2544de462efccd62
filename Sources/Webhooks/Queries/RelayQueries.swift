internal import Events
internal import Postgres
internal import Primitives

/// Which endpoints get which of the given events: those that are switched on at this moment and want their type.
///
/// One that we disabled gets them too, to be held; but not that one was disabled, or it would be held for the very endpoint
/// that it tells of. The order and the limit, which no tenant exceeds, have the planner read few rows by their index.
struct SelectListeners: Statement {
    static let sql = """
        SELECT ordinal, endpoint.id, disabled_at IS NOT NULL, failing_since IS NOT NULL, ordering_key IS NOT NULL
        FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS given (tenant_id, type, ordinal)
        CROSS JOIN LATERAL (
            SELECT id, event_types, is_active, disabled_at, failing_since, ordering_key FROM webhooks.endpoint
            WHERE endpoint.tenant_id = given.tenant_id AND kind = 'events' ORDER BY id LIMIT $3
        ) AS endpoint
        WHERE is_active AND (disabled_at IS NULL OR type <> 'webhook_disabled') AND (
            cardinality(event_types) = 0 OR EXISTS (
                SELECT FROM unnest(event_types) AS wanted
                WHERE wanted = type OR right(wanted, 1) = '*' AND starts_with(type, left(wanted, -1))
            )
        )
        ORDER BY ordinal, id
        """
    let events: [RelayedEvent]

    var bindings: Bindings { [events.map(\.tenantID), events.map(\.type), WebhookEndpointService.limit] }

    static func decode(_ row: inout RowReader) throws -> Listener {
        Listener(
            place: try row.read(Int.self) - 1,
            endpointID: try row.read(),
            isDisabled: try row.read(),
            isFailing: try row.read(),
            isOrdered: try row.read()
        )
    }
}

/// An endpoint that gets an event.
struct Listener: Sendable {
    /// The event's, among those that were asked about.
    let place: Int
    let endpointID: WebhookID
    let isDisabled: Bool
    let isFailing: Bool
    let isOrdered: Bool
}

struct InsertMessages: Command {
    static let sql = """
        INSERT INTO webhooks.message (tenant_id, event_id, type, body)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
        """
    let tenantIDs: [TenantID]
    let messages: [WebhookMessage]

    var bindings: Bindings { [tenantIDs, messages.map(\.id), messages.map(\.type), messages.map(\.body)] }
}

struct InsertDeliveries: Command {
    static let sql = """
        INSERT INTO webhooks.delivery
            (tenant_id, endpoint_id, event_id, state, next_attempt_at, ordering_key, position)
        SELECT tenant_id, endpoint_id, event_id, state, CASE state WHEN 'pending' THEN now() END,
            nullif(ordering_key, '00000000-0000-0000-0000-000000000000'), nullif(position, 0)
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::int8[])
            AS given (tenant_id, endpoint_id, event_id, state, ordering_key, position)
        """
    let listeners: [Listener]
    /// Of each listener the one that it gets.
    let events: [RelayedEvent]

    var bindings: Bindings {
        let subjects = zip(listeners, events).map { $0.isOrdered ? $1.subjectID ?? .none : .none }
        return [
            events.map(\.tenantID), listeners.map(\.endpointID), events.map(\.id),
            listeners.map { $0.isDisabled ? WebhookDelivery.State.held : .pending }, subjects,
            zip(subjects, events).map { $0 == .none ? 0 : $1.position },
        ]
    }
}
