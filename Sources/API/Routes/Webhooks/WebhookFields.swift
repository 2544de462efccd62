internal import Primitives
internal import Secrets
internal import Webhooks

/// The fields of a webhook that its owner writes: each with its bounds, once.
private enum WebhookFields {
    static let readOnly: Set = [
        "id", "header_names", "previous_secret_until", "failing_since", "last_success_at", "disabled", "created_at",
        "updated_at",
    ]

    static let name = Field.name(1...100).example("ERP")
    static let url = Field.text(1...2048).example("https://erp.example.com/webhooks")
    static let description = Field.text(0...1000)
    static let events = Field<[EventPattern]>.list(of: pattern, 0...50)
    static let retryCount = Field.integer(0...9)
    static let timeout = Field.integer(1...15)
    static let rateLimit = Field.integer(1...1000)
    static let orderingKey = Field<WebhookEndpoint.OrderingKey>.oneOf(placeholder: .subject)

    static let aboutEvents = """
        Types of events that it gets, `message_*` for all that begin so; empty for all. They are those of the dashboard stream.
        """
    static let aboutActive = "Whether it gets events."
    static let aboutRetries =
        "How many steps of the schedule are tried after a failure: 5 s, 5 and 30 min, 2, 5, 10, 14, 20, 24 h."
    static let aboutTimeout = "Seconds for one attempt, to the last byte of the answer."
    static let aboutRate = "Sends a second at most, evenly spaced; null for no limit."
    static let aboutOrder = """
        `subject`: of the events about one conversation, or one document, the next is not sent until those before it have \
        arrived or have failed for good; null for no order. It holds for events from then on.
        """
    static let aboutHeaders = "Headers of your own; their values are not told again."
    static let aboutSecret = "`whsec_` and the base64 of 24 to 64 bytes."

    private static let pattern = Field<String>(
        schema: Schema([
            ("type", "string"), ("maxLength", 100), ("pattern", .string(EventPattern.expression)),
            ("examples", ["conversion_recorded"]),
        ]),
        placeholder: "",
        read: { input, _ in input.json.string ?? "" }
    ).refined(
        placeholder: .all,
        pt: "deve ser um tipo de evento, como conversion_recorded, message_* ou *",
        en: "must be a type of events, such as conversion_recorded, message_* or *",
        EventPattern.init
    )

    /// What is wrong with it is told without it.
    static let secret = Field<WebhookSecret>(
        schema: Schema([("type", "string"), ("pattern", "^whsec_[A-Za-z0-9+/]{32,86}={0,2}$")]),
        placeholder: .generate(),
        read: { input, problems in
            if let secret = try? WebhookSecret(input.json.string ?? "") { return secret }
            problems.add(
                input.path,
                pt: "deve ser whsec_ seguido do base64 de 24 a 64 bytes",
                en: "must be whsec_ and the base64 of 24 to 64 bytes"
            )
            return nil
        }
    )

    /// Values may be credentials: what is wrong with one is told without it.
    static let headers = Field<[WebhookHeader]>(
        schema: Schema([
            ("type", "object"), ("maxProperties", JSON(WebhookHeader.maximumCount)),
            ("additionalProperties", ["type": "string", "maxLength": 1000]),
            ("examples", [["X-Tenant": "loja"]]),
        ]),
        placeholder: [],
        read: { input, problems in
            guard let members = input.json.object?.members, members.count <= WebhookHeader.maximumCount else {
                problems.add(
                    input.path,
                    pt: "deve ser um objeto de até \(WebhookHeader.maximumCount) cabeçalhos",
                    en: "must be an object of at most \(WebhookHeader.maximumCount) headers"
                )
                return nil
            }
            let headers = members.compactMap { member in
                let place = input.child(member.value, member.name)
                do throws(WebhookHeader.Problem) {
                    guard let value = member.value.string else { throw .value }
                    return try WebhookHeader(name: member.name, value: value)
                } catch {
                    problems.add(FieldProblem(field: place.path, message: error.text))
                    return WebhookHeader?.none
                }
            }
            return headers.count == members.count ? headers : nil
        }
    )
}

/// What a new webhook is made of, or all of one that is replaced.
struct WebhookBody: FieldList {
    static let schemaName = "WebhookInput"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: WebhookFields.readOnly)

    let settings: WebhookEndpoint.Settings
    let headers: [WebhookHeader]
    let secret: WebhookSecret?

    init(from fields: inout FieldReader) {
        settings = WebhookEndpoint.Settings(
            name: fields.required("name", WebhookFields.name, "What receives it."),
            url: fields.required("url", WebhookFields.url, "Where to, with https."),
            description: fields.optional("description", WebhookFields.description, default: "", "", "For people."),
            events: fields.optional("events", WebhookFields.events, default: [], [], WebhookFields.aboutEvents),
            isActive: fields.optional("is_active", .boolean, default: true, true, WebhookFields.aboutActive),
            retryCount: fields.optional(
                "retry_count",
                WebhookFields.retryCount,
                default: 9,
                9,
                WebhookFields.aboutRetries
            ),
            timeout: fields.optional("timeout", WebhookFields.timeout, default: 15, 15, WebhookFields.aboutTimeout),
            rate: fields.optional("rate_limit", WebhookFields.rateLimit, WebhookFields.aboutRate),
            orderingKey: fields.optional("ordering_key", WebhookFields.orderingKey, WebhookFields.aboutOrder)
        )
        headers = fields.optional("headers", WebhookFields.headers, default: [], [:], WebhookFields.aboutHeaders)
        secret = fields.optional("secret", WebhookFields.secret, WebhookFields.aboutSecret)
    }
}

struct WebhookChangesBody: FieldList {
    static let schemaName = "WebhookChanges"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: WebhookFields.readOnly)

    let headers: [WebhookHeader]?
    let secret: WebhookSecret?
    let isActive: Bool?
    private let name: String?
    private let url: String?
    private let description: String?
    private let events: [EventPattern]?
    private let retryCount: Int?
    private let timeout: Int?
    private let rate: Int??
    private let orderingKey: WebhookEndpoint.OrderingKey??

    init(from fields: inout FieldReader) {
        name = fields.change("name", WebhookFields.name, "What receives it.")
        url = fields.change("url", WebhookFields.url, "Where to, with https.")
        description = fields.change("description", WebhookFields.description, "For people.")
        events = fields.change("events", WebhookFields.events, WebhookFields.aboutEvents)
        isActive = fields.change("is_active", .boolean, WebhookFields.aboutActive)
        retryCount = fields.change("retry_count", WebhookFields.retryCount, WebhookFields.aboutRetries)
        timeout = fields.change("timeout", WebhookFields.timeout, WebhookFields.aboutTimeout)
        rate = fields.nullableChange("rate_limit", WebhookFields.rateLimit, WebhookFields.aboutRate)
        orderingKey = fields.nullableChange("ordering_key", WebhookFields.orderingKey, WebhookFields.aboutOrder)
        headers = fields.change("headers", WebhookFields.headers, WebhookFields.aboutHeaders)
        secret = fields.change("secret", WebhookFields.secret, WebhookFields.aboutSecret)
    }

    func apply(to settings: inout WebhookEndpoint.Settings) {
        settings.name = name ?? settings.name
        settings.url = url ?? settings.url
        settings.description = description ?? settings.description
        settings.events = events ?? settings.events
        settings.retryCount = retryCount ?? settings.retryCount
        settings.timeout = timeout ?? settings.timeout
        settings.rate = rate ?? settings.rate
        settings.orderingKey = orderingKey ?? settings.orderingKey
    }
}
