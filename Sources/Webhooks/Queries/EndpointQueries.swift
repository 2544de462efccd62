internal import Postgres
internal import Primitives

/// One writer at a time of a tenant's list of endpoints: two that count at once would both find room.
///
/// A statement of its own, before the count: what counts must begin after the lock was had.
struct LockEndpoints: Command {
    static let sql = "SELECT pg_advisory_xact_lock(hashtextextended('webhooks.endpoint ' || $1::uuid, 0))"
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }
}

/// Whom an endpoint is for.
enum EndpointKind: String, PostgresText {
    /// The tenant's people, who choose the events that it gets.
    case events
    /// A tool, or a lead capture: what it is sent, no event is.
    case tool
}

/// 0 rows where the tenant has as many of people's as it may have.
struct InsertEndpoint: Command {
    static let sql = """
        INSERT INTO webhooks.endpoint (tenant_id, id, name, url, description, event_types, is_active, retry_count,
            timeout_seconds, rate, header_names, sealed_headers, sealed_secret, kind, ordering_key)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
        WHERE $16::int8 IS NULL OR (
            SELECT count(*) FROM (
                SELECT FROM webhooks.endpoint WHERE tenant_id = $1 AND kind = 'events' ORDER BY id LIMIT $16::int8
            ) AS counted
        ) < $16::int8
        """
    let tenantID: TenantID
    let id: WebhookID
    let settings: WebhookEndpoint.Settings
    let headers: SealedHeaders
    let secret: [UInt8]
    let kind: EndpointKind
    /// nil for none.
    let limit: Int?

    var bindings: Bindings {
        [
            tenantID, id, settings.name, settings.url, settings.description, settings.events, settings.isActive,
            settings.retryCount, settings.timeout, settings.rate, headers.names, headers.box, secret, kind,
            settings.orderingKey?.rawValue, limit,
        ]
    }
}

/// Headers as they are kept.
struct SealedHeaders: Sendable {
    let names: [String]
    let box: [UInt8]
}

/// Of people's, as all that they read and change.
struct SelectEndpoint: Statement {
    static let sql = """
        SELECT \(WebhookEndpoint.columns) FROM webhooks.endpoint
        WHERE tenant_id = $1 AND id = $2 AND kind = 'events'
        """
    let tenantID: TenantID
    let id: WebhookID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> WebhookEndpoint { try WebhookEndpoint(from: &row) }
}

/// The same, held until the transaction ends, for whoever changes it.
struct SelectEndpointForUpdate: Statement {
    static let sql = """
        SELECT \(WebhookEndpoint.columns) FROM webhooks.endpoint
        WHERE tenant_id = $1 AND id = $2 AND kind = 'events' FOR UPDATE
        """
    let tenantID: TenantID
    let id: WebhookID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> WebhookEndpoint { try WebhookEndpoint(from: &row) }
}

/// A page and one row more, newest first: ids are in the order of time.
struct SelectEndpoints: Statement {
    static let sql = """
        SELECT \(WebhookEndpoint.columns) FROM webhooks.endpoint
        WHERE tenant_id = $1 AND kind = 'events' AND id < $2 ORDER BY id DESC LIMIT $3
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> WebhookEndpoint { try WebhookEndpoint(from: &row) }
}

/// Turns of a rate that is no longer so are nobody's: the next is free at once.
struct UpdateEndpoint: Command {
    static let sql = """
        UPDATE webhooks.endpoint
        SET name = $3, url = $4, description = $5, event_types = $6, retry_count = $7, timeout_seconds = $8, rate = $9,
            header_names = coalesce($10, header_names), sealed_headers = coalesce($11, sealed_headers),
            ordering_key = $12, next_send_at = CASE WHEN $13 THEN now() ELSE next_send_at END, updated_at = now()
        WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let id: WebhookID
    let settings: WebhookEndpoint.Settings
    /// nil leaves them.
    let headers: SealedHeaders?
    /// Whether what waits for its turn is released, and takes another.
    let freesTurns: Bool

    var bindings: Bindings {
        [
            tenantID, id, settings.name, settings.url, settings.description, settings.events, settings.retryCount,
            settings.timeout, settings.rate, headers?.names, headers?.box, settings.orderingKey?.rawValue, freesTurns,
        ]
    }
}

/// Switches an endpoint on, whoever disabled it, or off.
struct SwitchEndpoint: Command {
    static let sql = """
        UPDATE webhooks.endpoint
        SET is_active = $3, disabled_at = NULL, disabled_reason = NULL, next_probe_at = NULL, failing_since = NULL,
            next_send_at = now(), rest_until = NULL
        WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let id: WebhookID
    let isActive: Bool

    var bindings: Bindings { [tenantID, id, isActive] }
}

struct SelectSecretForUpdate: Statement {
    static let sql = "SELECT sealed_secret FROM webhooks.endpoint WHERE tenant_id = $1 AND id = $2 FOR UPDATE"
    let tenantID: TenantID
    let id: WebhookID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> [UInt8] { try row.read() }
}

/// The current secret becomes the one from before, which signs for a day more.
struct RotateSecret: Command {
    static let sql = """
        UPDATE webhooks.endpoint
        SET previous_secret = sealed_secret, previous_until = now() + interval '24 hours', sealed_secret = $3,
            updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND kind = 'events'
        """
    let tenantID: TenantID
    let id: WebhookID
    let secret: [UInt8]

    var bindings: Bindings { [tenantID, id, secret] }
}

struct DeleteEndpoint: Command {
    static let sql = "DELETE FROM webhooks.endpoint WHERE tenant_id = $1 AND id = $2 AND kind = $3"
    let tenantID: TenantID
    let id: WebhookID
    let kind: EndpointKind

    var bindings: Bindings { [tenantID, id, kind] }
}

/// A row where a tool's target is there.
struct SelectToolTarget: Statement {
    static let sql = "SELECT true FROM webhooks.endpoint WHERE tenant_id = $1 AND id = $2 AND kind = 'tool'"
    let tenantID: TenantID
    let id: WebhookID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}

extension WebhookEndpoint {
    static let columns = """
        id, name, url, description, event_types, is_active AND disabled_at IS NULL, retry_count, timeout_seconds, rate,
            ordering_key, header_names, CASE WHEN previous_until > now() THEN previous_until END, failing_since, last_success_at,
            disabled_at, disabled_reason, next_probe_at, created_at, updated_at
        """

    fileprivate init(from row: inout RowReader) throws {
        id = try row.read()
        settings = Settings(
            name: try row.read(),
            url: try row.read(),
            description: try row.read(),
            events: try row.read([String].self).compactMap(EventPattern.init(rawValue:)),
            isActive: try row.read(),
            retryCount: try row.read(),
            timeout: try row.read(),
            rate: try row.read(Int?.self),
            orderingKey: try row.read(OrderingKey?.self)
        )
        headerNames = try row.read()
        previousSecretUntil = try row.read(Timestamp?.self)
        failingSince = try row.read(Timestamp?.self)
        lastSuccessAt = try row.read(Timestamp?.self)
        let disabledAt = try row.read(Timestamp?.self)
        let reason = try row.read(Disabled.Reason?.self)
        let nextProbeAt = try row.read(Timestamp?.self)
        disabled =
            if let disabledAt, let reason { Disabled(reason: reason, at: disabledAt, nextProbeAt: nextProbeAt) } else {
                nil
            }
        createdAt = try row.read()
        updatedAt = try row.read()
    }
}
