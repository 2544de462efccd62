internal import HTTPTypes
internal import Primitives
internal import Tenancy
internal import Webhooks

/// What was sent to an organisation's webhooks, and sending it again.
struct WebhookDeliveryRoutes {
    let deliveries: WebhookDeliveryService
    let replays: WebhookReplayService

    var endpoints: [TenantEndpoint] {
        [
            .read(
                "/webhooks/{webhook_id}/deliveries",
                "List what was sent to a webhook, newest first",
                .page(of: .delivery),
                faults: [.webhookNotFound]
            ) { (input: DeliveryList, context) in
                try await deliveries.deliveries(
                    to: input.webhookID,
                    in: input.state,
                    input.page,
                    of: context.tenant.tenantID
                )
            },
            .read(
                "/webhooks/{webhook_id}/deliveries/{delivery_id}",
                "Read a delivery: what is sent, and each attempt with its answer",
                .data(.deliveryDetail),
                faults: [.webhookNotFound, .webhookDeliveryNotFound]
            ) { (input: DeliveryPath, context) in
                try await deliveries.delivery(input.id, to: input.webhookID, of: context.tenant.tenantID)
            },
            .write(
                .post,
                "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
                "Send a delivery again, with the same id and the same bytes",
                .data(.delivery, status: .accepted),
                audit: .of(.webhookDeliveryRepeated, \.id),
                faults: [.webhookNotFound, .webhookDeliveryNotFound]
            ) { (input: DeliveryPath, transaction, _) in
                try await deliveries.redeliver(input.id, to: input.webhookID, in: transaction)
            },
            .write(
                .post,
                "/webhooks/{webhook_id}/test",
                "Send a `webhook_test` event to a webhook, once, also where it is off",
                .data(.delivery, status: .accepted),
                audit: .of(.webhookTested, \.endpointID),
                faults: [.webhookNotFound]
            ) { (input: WebhookPath, transaction, _) in
                try await deliveries.test(input.id, in: transaction)
            },
            .write(
                .post,
                "/webhooks/{webhook_id}/replay",
                "Send a webhook again what it did not get since a time; `dry_run` only counts it",
                .data(.replayOrder, status: .accepted),
                audit: Audit(action: .webhookReplayed, isDone: { $0.replay != nil }) { fields, _ in
                    fields.webhookID.description
                },
                faults: [.webhookNotFound, .webhookNotActive]
            ) { (input: ReplayFields, transaction, context) in
                let (id, since) = (input.webhookID, input.body.since)
                guard input.body.isDryRun else {
                    let replay = try await replays.begin(to: id, since: since, in: transaction)
                    return ReplayOrder(total: replay.total, replay: replay)
                }
                let total = try await replays.count(to: id, since: since, in: transaction)
                return ReplayOrder(total: total, replay: nil)
            },
            .read(
                "/webhooks/{webhook_id}/replays/{replay_id}",
                "How far a replay came",
                .data(.replay),
                faults: [.webhookReplayNotFound]
            ) { (input: ReplayPath, context) in
                try await replays.replay(input.id, to: input.webhookID, of: context.tenant.tenantID)
            },
        ]
    }
}

private struct DeliveryList: RequestFields {
    let webhookID: WebhookID
    let state: WebhookDelivery.State?
    let page: PageRequest

    init(from request: inout RequestReader) {
        webhookID = request.path("webhook_id", .id(), "The webhook.")
        state = request.query("state", .oneOf(placeholder: .pending), "Only those in this state.")
        page = request.page()
    }
}

private struct DeliveryPath: RequestFields {
    let webhookID: WebhookID
    let id: EventID

    init(from request: inout RequestReader) {
        webhookID = request.path("webhook_id", .id(), "The webhook.")
        id = request.path("delivery_id", .id(), "The event's id, which each attempt has as its `webhook-id`.")
    }
}

private struct ReplayPath: RequestFields {
    let webhookID: WebhookID
    let id: WebhookReplayID

    init(from request: inout RequestReader) {
        webhookID = request.path("webhook_id", .id(), "The webhook.")
        id = request.path("replay_id", .id(), "The replay.")
    }
}

private struct ReplayFields: RequestFields {
    let webhookID: WebhookID
    let body: ReplayBody

    init(from request: inout RequestReader) {
        webhookID = request.path("webhook_id", .id(), "The webhook.")
        body = request.body(ReplayBody.self)
    }
}

private struct ReplayBody: FieldList {
    static let schemaName = "WebhookReplayInput"

    let since: Timestamp
    let isDryRun: Bool

    init(from fields: inout FieldReader) {
        since = fields.required("since", .timestamp, "Events from then on that did not arrive.")
        isDryRun = fields.optional("dry_run", .boolean, default: false, false, "Only count what it would send.")
    }
}

/// A replay that was begun, or what one would be about.
private struct ReplayOrder: Sendable {
    let total: Int
    let replay: WebhookReplay?
}

extension Output where Value == WebhookDelivery {
    fileprivate static let members: [Member<WebhookDelivery>] = [
        Member("id", .id(), \.id),
        Member("webhook_id", .id(), \.endpointID),
        Member("type", .text, \.type),
        Member("state", .name(), \.state),
        Member("attempt_count", .integer, \.attemptCount),
        Member("next_attempt_at", Output<Timestamp>.timestamp.nullable, \.nextAttemptAt),
        Member("ordering_key", Output<SubjectID>.id().nullable, \.orderingKey),
        Member("created_at", .timestamp, \.createdAt),
        Member("finished_at", Output<Timestamp>.timestamp.nullable, \.finishedAt),
    ]

    fileprivate static let delivery = Output.object("WebhookDelivery", members)
}

extension Output where Value == WebhookDeliveryDetail {
    fileprivate static let deliveryDetail = Output.object(
        "WebhookDeliveryDetail",
        Output<WebhookDelivery>.members.map { $0.of(\.delivery) } + [
            Member("body", .text, \.body),
            Member("attempts", Output<WebhookAttempt>.attempt.list, \.attempts),
        ]
    )
}

extension Output where Value == WebhookAttempt {
    fileprivate static let attempt = Output.object(
        "WebhookAttempt",
        [
            Member("number", .integer, \.number),
            Member("trigger", .name(), \.trigger),
            Member("outcome", .name(), \.outcome),
            Member("url", .text, \.url),
            Member("started_at", .timestamp, \.startedAt),
            Member("finished_at", Output<Timestamp>.timestamp.nullable, \.finishedAt),
            Member("duration_ms", Output<Int>.integer.nullable) { $0.duration.map { Int($0.milliseconds) } },
            Member("response", Output<WebhookAttempt.Response>.response.nullable, \.response),
            Member("error", Output<String>.text.nullable, \.error),
        ]
    )
}

extension Output where Value == WebhookAttempt.Response {
    fileprivate static let response = Output.object(
        "WebhookResponse",
        [
            Member("status", .integer, \.status),
            Member("headers", .pairs, \.headers),
            // Whatever it is: what is no UTF-8 is replaced.
            Member("body", .text) { String(decoding: $0.body, as: UTF8.self) },
            Member("is_body_cut", .boolean, \.isBodyCut),
            Member("address", .text, \.address),
        ]
    )
}

extension Output where Value == JSONText {
    /// `[[name, value], …]`.
    fileprivate static let pairs = Output(schema: Output<String>.text.list.list.schema) { $1.value($0) }
}

extension Output where Value == WebhookReplay {
    fileprivate static let replay = Output.object(
        "WebhookReplay",
        [
            Member("id", .id(), \.id),
            Member("webhook_id", .id(), \.endpointID),
            Member("since", .timestamp, \.since),
            Member("is_release", .boolean, \.isRelease),
            Member("total", .integer, \.total),
            Member("enqueued", .integer, \.enqueued),
            Member("created_at", .timestamp, \.createdAt),
            Member("finished_at", Output<Timestamp>.timestamp.nullable, \.finishedAt),
        ]
    )
}

extension Output where Value == ReplayOrder {
    fileprivate static let replayOrder = Output.object(
        "WebhookReplayOrder",
        [
            Member("total", .integer, \.total),
            Member("replay", Output<WebhookReplay>.replay.nullable, \.replay),
        ]
    )
}
