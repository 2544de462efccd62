internal import HTTPTypes
internal import Primitives
internal import Secrets
internal import Tenancy
internal import Webhooks

/// Where an organisation's events are sent.
struct WebhookRoutes {
    let webhooks: WebhookEndpointService

    var endpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/webhooks",
                "Create a webhook; its secret is in this answer and nowhere else",
                .data(.newWebhook, status: .created).storing(\.withoutSecret),
                audit: .of(.webhookCreated, \.endpoint.id),
                faults: [.webhookLimitReached]
            ) { (input: BodyFields<WebhookBody>, transaction, _) in
                let body = input.body
                return try await webhooks.create(
                    body.settings,
                    headers: body.headers,
                    secret: body.secret,
                    in: transaction
                )
            },
            .read("/webhooks", "List webhooks, newest first", .page(of: .webhook)) { (input: PageFields, context) in
                try await webhooks.endpoints(input.page, in: context.tenant.tenantID)
            },
            .read("/webhooks/{webhook_id}", "Read a webhook", .data(.webhook), faults: [.webhookNotFound]) {
                (input: WebhookPath, context) in
                try await webhooks.endpoint(input.id, in: context.tenant.tenantID)
            },
            .write(
                .patch,
                "/webhooks/{webhook_id}",
                "Change some of a webhook; enabling it again sends what was held for it",
                .data(.webhook),
                audit: .of(.webhookUpdated, \.id),
                faults: [.webhookNotFound]
            ) { (input: WebhookChange, transaction, _) in
                let body = input.body
                return try await update(
                    input.id,
                    body.headers,
                    body.secret,
                    isActive: body.isActive,
                    in: transaction,
                    body.apply
                )
            },
            .write(
                .put,
                "/webhooks/{webhook_id}",
                "Replace a webhook; without a secret it keeps the one that it has",
                .data(.webhook),
                audit: .of(.webhookReplaced, \.id),
                faults: [.webhookNotFound]
            ) { (input: WebhookReplacement, transaction, _) in
                let body = input.body
                return try await update(
                    input.id,
                    body.headers,
                    body.secret,
                    isActive: body.settings.isActive,
                    in: transaction
                ) { $0 = body.settings }
            },
            .write(
                .delete,
                "/webhooks/{webhook_id}",
                "Delete a webhook: nothing more is sent there",
                .deleted,
                audit: .named(.webhookDeleted, \.id),
                faults: [.webhookNotFound]
            ) { (input: WebhookPath, transaction, _) in
                try await webhooks.delete(input.id, in: transaction)
            },
            .write(
                .post,
                "/webhooks/{webhook_id}/rotate-secret",
                "Give a webhook a new secret, in this answer and nowhere else; the old one signs beside it for 24 hours",
                .data(.newWebhook).storing(\.withoutSecret),
                audit: .of(.webhookSecretRotated, \.endpoint.id),
                faults: [.webhookNotFound]
            ) { (input: WebhookPath, transaction, _) in
                try await webhooks.rotateSecret(of: input.id, in: transaction)
            },
        ]
    }

    /// - Parameter secret: takes over from the one that there is, as in a rotation; nil leaves it.
    private func update(
        _ id: WebhookID,
        _ headers: [WebhookHeader]?,
        _ secret: WebhookSecret?,
        isActive: Bool?,
        in transaction: TenantTransaction,
        _ change: (inout WebhookEndpoint.Settings) -> Void
    ) async throws -> WebhookEndpoint {
        let updated = try await webhooks.update(
            id,
            headers: headers,
            isActive: isActive,
            in: transaction,
            change
        )
        guard let secret else { return updated }
        return try await webhooks.rotateSecret(of: id, to: secret, in: transaction).endpoint
    }
}

struct WebhookPath: RequestFields {
    let id: WebhookID

    init(from request: inout RequestReader) {
        id = request.path("webhook_id", .id(), "The webhook.")
    }
}

private struct WebhookReplacement: RequestFields {
    let id: WebhookID
    let body: WebhookBody

    init(from request: inout RequestReader) {
        id = request.path("webhook_id", .id(), "The webhook.")
        body = request.body(WebhookBody.self)
    }
}

private struct WebhookChange: RequestFields {
    let id: WebhookID
    let body: WebhookChangesBody

    init(from request: inout RequestReader) {
        id = request.path("webhook_id", .id(), "The webhook.")
        body = request.body(WebhookChangesBody.self)
    }
}

extension Output where Value == WebhookEndpoint {
    fileprivate static let members: [Member<WebhookEndpoint>] = [
        Member("id", .id(), \.id),
        Member("name", .text, \.settings.name),
        Member("url", .text, \.settings.url),
        Member("description", .text, \.settings.description),
        Member("events", Output<String>.text.list) { $0.settings.events.map(\.rawValue) },
        Member("header_names", Output<String>.text.list, \.headerNames),
        Member("is_active", .boolean, \.settings.isActive),
        Member("retry_count", .integer, \.settings.retryCount),
        Member("timeout", .integer, \.settings.timeout),
        Member("rate_limit", Output<Int>.integer.nullable, \.settings.rate),
        Member("ordering_key", Output<WebhookEndpoint.OrderingKey>.name().nullable, \.settings.orderingKey),
        Member("previous_secret_until", Output<Timestamp>.timestamp.nullable, \.previousSecretUntil),
        Member("failing_since", Output<Timestamp>.timestamp.nullable, \.failingSince),
        Member("last_success_at", Output<Timestamp>.timestamp.nullable, \.lastSuccessAt),
        Member("disabled", Output<WebhookEndpoint.Disabled>.disabled.nullable, \.disabled),
        Member("created_at", .timestamp, \.createdAt),
        Member("updated_at", .timestamp, \.updatedAt),
    ]

    fileprivate static let webhook = Output.object("Webhook", members)
}

extension Output where Value == WebhookEndpoint.Disabled {
    fileprivate static let disabled = Output.object(
        "WebhookDisabled",
        [
            Member("reason", .name(), \.reason),
            Member("at", .timestamp, \.at),
            Member("next_probe_at", Output<Timestamp>.timestamp.nullable, \.nextProbeAt),
        ]
    )
}

extension Output where Value == NewWebhookEndpoint {
    /// `secret` is null where the answer is given again.
    fileprivate static let newWebhook = Output.object(
        "NewWebhook",
        Output<WebhookEndpoint>.members.map { $0.of(\.endpoint) }
            + [Member("secret", Output<String>.text.nullable) { $0.secret?.exposed }]
    )
}
