internal import Jobs
public import Outbound
internal import Postgres
public import Primitives
public import Secrets
public import Tenancy

/// A tenant's endpoints, as its people manage them.
///
/// Names, descriptions and numbers come checked, within what `WebhookEndpoint.Settings` says; the URL is checked here.
public struct WebhookEndpointService: Sendable {
    /// How many endpoints a tenant may have.
    public static let limit = 50

    private let outbound: OutboundClient
    private let vault: EndpointVault
    private let database: TenantDatabase

    public init(outbound: OutboundClient, masterKey: MasterKey, database: TenantDatabase) {
        self.outbound = outbound
        self.database = database
        vault = EndpointVault(masterKey: masterKey)
    }

    /// - Parameter secret: nil for one of our making.
    /// - Throws: `validation_error` for the URL; `webhook_limit_reached`.
    public func create(
        _ settings: WebhookEndpoint.Settings,
        headers: [WebhookHeader] = [],
        secret: WebhookSecret? = nil,
        in transaction: TenantTransaction
    ) async throws -> NewWebhookEndpoint {
        try await transaction.execute(LockEndpoints(tenantID: transaction.tenantID))
        let secret = secret ?? .generate()
        let id = try await insert(settings, headers, secret, of: .events, limit: Self.limit, in: transaction)
        return NewWebhookEndpoint(endpoint: try await endpoint(id, in: transaction), secret: secret.text)
    }

    /// - Parameter limit: how many of people's endpoints there may be with it; nil for any number.
    func insert(
        _ settings: WebhookEndpoint.Settings,
        _ headers: [WebhookHeader],
        _ secret: WebhookSecret,
        of kind: EndpointKind,
        limit: Int?,
        in transaction: TenantTransaction
    ) async throws -> WebhookID {
        try check(settings)
        let (tenantID, id) = (transaction.tenantID, WebhookID.next())
        let insertion = InsertEndpoint(
            tenantID: tenantID,
            id: id,
            settings: settings,
            headers: sealed(headers, of: id, in: tenantID),
            secret: vault.seal(secret, of: id, in: tenantID),
            kind: kind,
            limit: limit
        )
        guard try await transaction.execute(insertion) == 1 else { throw Fault.webhookLimitReached(Self.limit) }
        return id
    }

    /// Newest first.
    public func endpoints(_ request: PageRequest, in tenantID: TenantID) async throws -> Page<WebhookEndpoint> {
        let rows = try await database.query(SelectEndpoints(tenantID: tenantID, request: request), in: tenantID)
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `webhook_not_found`.
    public func endpoint(_ id: WebhookID, in tenantID: TenantID) async throws -> WebhookEndpoint {
        let found = try await database.queryFirst(SelectEndpoint(tenantID: tenantID, id: id), in: tenantID)
        guard let found else { throw Fault.webhookNotFound }
        return found
    }

    /// Changes what `change` changes; nobody else changes it meanwhile.
    ///
    /// Setting `isActive` of an endpoint that is off, whoever disabled it, sends what was held for it, in half a minute; so
    /// does giving up its order what waits for others. Another rate is at once that of what waits for its turn.
    ///
    /// - Parameters:
    ///   - headers: nil leaves them.
    ///   - wish: what its owner says expressly of `isActive`: false switches off also what we have disabled, which then is
    ///     neither probed nor enabled again by us; nil where nothing is said but by `change`.
    /// - Throws: `webhook_not_found`; `validation_error` for the URL.
    public func update(
        _ id: WebhookID,
        headers: [WebhookHeader]? = nil,
        isActive wish: Bool? = nil,
        in transaction: TenantTransaction,
        _ change: (inout WebhookEndpoint.Settings) -> Void
    ) async throws -> WebhookEndpoint {
        let tenantID = transaction.tenantID
        let select = SelectEndpointForUpdate(tenantID: tenantID, id: id)
        guard let before = try await transaction.queryFirst(select) else { throw Fault.webhookNotFound }
        var settings = before.settings
        change(&settings)
        settings.isActive = wish ?? settings.isActive
        try check(settings)
        let isSwitched = settings.isActive != before.settings.isActive || wish == false && before.disabled != nil
        let isRateChanged = settings.rate != before.settings.rate
        let isUnordered = settings.orderingKey == nil && before.settings.orderingKey != nil
        try await transaction.execute(
            UpdateEndpoint(
                tenantID: tenantID,
                id: id,
                settings: settings,
                headers: headers.map { sealed($0, of: id, in: tenantID) },
                freesTurns: isRateChanged || isUnordered
            )
        )
        if isSwitched {
            try await transaction.execute(SwitchEndpoint(tenantID: tenantID, id: id, isActive: settings.isActive))
            if settings.isActive { try await transaction.releaseHeld(of: id) }
        } else if isUnordered {
            try await transaction.releaseHeld(of: id)
        } else if isRateChanged, settings.isActive {
            try await transaction.releaseHeld(of: id, delay: .zero)
        }
        return try await endpoint(id, in: transaction)
    }

    /// Nothing is sent there from the commit on but what is being sent already; its deliveries are found by nobody.
    ///
    /// - Throws: `webhook_not_found`.
    public func delete(_ id: WebhookID, in transaction: TenantTransaction) async throws {
        let delete = DeleteEndpoint(tenantID: transaction.tenantID, id: id, kind: .events)
        guard try await transaction.execute(delete) == 1 else { throw Fault.webhookNotFound }
    }

    /// A new secret; for 24 hours the one that it takes over from signs too.
    ///
    /// One that an earlier rotation left signing ends at once. A secret that it has already changes nothing: whoever heard no
    /// answer asks again, and the old one still signs.
    ///
    /// - Parameter secret: nil for one of our making.
    /// - Throws: `webhook_not_found`.
    public func rotateSecret(
        of id: WebhookID,
        to secret: WebhookSecret? = nil,
        in transaction: TenantTransaction
    ) async throws -> NewWebhookEndpoint {
        let tenantID = transaction.tenantID
        let select = SelectSecretForUpdate(tenantID: tenantID, id: id)
        guard let before = try await transaction.queryFirst(select) else { throw Fault.webhookNotFound }
        let secret = secret ?? .generate()
        // One that cannot be opened any more is another one.
        if (try? vault.open(secret: before, of: id, in: tenantID)) != secret {
            let box = vault.seal(secret, of: id, in: tenantID)
            try await transaction.execute(RotateSecret(tenantID: tenantID, id: id, secret: box))
        }
        return NewWebhookEndpoint(endpoint: try await endpoint(id, in: transaction), secret: secret.text)
    }

    private func endpoint(_ id: WebhookID, in transaction: TenantTransaction) async throws -> WebhookEndpoint {
        let found = try await transaction.queryFirst(SelectEndpoint(tenantID: transaction.tenantID, id: id))
        guard let found else { throw Fault.webhookNotFound }
        return found
    }

    private func check(_ settings: WebhookEndpoint.Settings) throws {
        do {
            _ = try outbound.target(settings.url)
        } catch {
            throw Fault.webhookURLRefused(settings.url, because: error.text, cause: error)
        }
    }

    private func sealed(_ headers: [WebhookHeader], of id: WebhookID, in tenantID: TenantID) -> SealedHeaders {
        SealedHeaders(names: headers.map(\.name), box: vault.seal(headers, of: id, in: tenantID))
    }
}
