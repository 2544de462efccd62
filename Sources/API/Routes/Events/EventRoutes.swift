internal import Agents
internal import Analytics
internal import Auth
internal import Events
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// What happens in an organisation, live.
struct EventRoutes {
    let live: LiveEvents
    let tickets: TicketService
    let passes: StreamPasses
    let agents: AgentService
    let directory: OrganizationDirectory
    let reports: AnalyticsReports
    let drain: DrainSwitch
    let clock: WallClock

    var endpoints: [TenantEndpoint] {
        [
            .tenant(Self.operation) { request, context in
                let fields = try DashboardFields.read(from: request, context, body: nil)
                return try await stream(fields, request, context)
            },
            .write(
                .post,
                "/events/tickets",
                "Create a ticket: good for one EventSource, which cannot send headers",
                .data(.newTicket, status: .created).storing(\.withoutText),
                audit: nil,
                faults: [.agentNotFound]
            ) { (input: BodyFields<TicketBody>, transaction, context) in
                guard case .person(let person) = context.tenant.principal else { throw Fault.peopleOnly }
                let topics = input.body.topics
                try await agents.requireAll(Set([topics.agentID].compactMap(\.self)), in: transaction)
                return try await tickets.create(topics, for: person, in: transaction)
            },
        ]
    }

    private func stream(
        _ fields: DashboardFields,
        _ request: Request,
        _ context: TenantRequestContext
    ) async throws -> Response {
        let tenant = context.tenant
        let topics = try fields.topics(of: context.pass)
        let subscription = try live.subscribe(
            to: tenant.tenantID,
            by: tenant.principal,
            after: request.headers[.lastEventID] ?? fields.lastEventID,
            matching: EventFilter(types: topics.types.map { Set($0.map(EventType.init)) }, agentID: topics.agentID),
            overflowed: { [channel = context.channel] in channel.close(promise: nil) }
        )
        try await directory.confirm(tenant)
        var place: PassConnection?
        if let pass = context.pass { place = try await passes.open(pass, closing: subscription.end) }
        // Proxies cut at fifteen minutes; the spread keeps clients from coming back together.
        let life = min(.seconds(.random(in: 480...600)), context.pass?.remaining ?? .seconds(600))
        let end = ContinuousClock.now + life
        let (tenantID, language) = (tenant.tenantID, tenant.language)
        return .eventStream(in: context, departed: subscription.end) { [place] writer in
            var isGreeted = false
            for try await item in subscription {
                var frames = ServerSentEvents()
                switch item {
                case .cursor(let cursor):
                    frames.cursor(cursor.description)
                    if !isGreeted { try await greet(tenantID, &frames) }
                    isGreeted = true
                case .event(let event):
                    frames.frame(event)
                case .gap(let reason):
                    frames.frame(.gap, ["reason": .string(reason.rawValue)], at: clock.now())
                }
                try await writer.write(frames.buffer)
                // Looked at once a heartbeat at least.
                if drain.isDraining || ContinuousClock.now > end { break }
            }
            var farewell = ServerSentEvents()
            if place?.isTakenOver == true {
                farewell.refusal(.streamTakenOver, in: language, at: clock.now())
            } else {
                farewell.retry(.milliseconds(Int.random(in: 500...3000)))
            }
            try await writer.write(farewell.buffer)
        }
    }

    private func greet(_ tenantID: TenantID, _ frames: inout ServerSentEvents) async throws {
        frames.frame(.connectionEstablished, [:], at: clock.now())
        // A child task's memory goes with it.
        async let figures = snapshot(of: tenantID)
        frames.frame(.systemUpdate, try await figures, at: clock.now())
    }

    /// Today's figures, with which a dashboard begins.
    private func snapshot(of tenantID: TenantID) async throws -> JSON {
        let figures = try await reports.report(ReportQuery(period: .last(days: 1)), for: tenantID).overview.figures
        return [
            "conversations_started": JSON(figures.conversationsStarted),
            "messages_in": JSON(figures.messagesIn),
            "messages_out": JSON(figures.messagesOut),
            "conversions": JSON(figures.conversions),
            "conversion_value": .string(figures.conversionValue.total.text),
            "currency": .string(figures.conversionValue.total.currency.rawValue),
        ]
    }

    private static let aboutFrames = """
        Unnamed frames, each an event. Without an `id:`: `connection_established`, `system_update`, `gap` where events after \
        `Last-Event-ID` are no longer kept, and `connection_refused` with `{code, message}` before the stream ends for a \
        while: over a limit, or a ticket that a newer connection has opened.
        """

    private static let operation: Operation = {
        let request = RequestReader.describe(DashboardFields.self)
        return Operation(
            method: .get,
            path: basePath + "/events/dashboard",
            summary: "Live events as Server-Sent Events; resumes after Last-Event-ID",
            parameters: request.parameters,
            success: [
                .init(.ok, "text/event-stream", Output<LiveEvent>.frame.schema, aboutFrames)
            ]
        )
    }()
}

private struct DashboardFields: RequestFields {
    let lastEventID: String?
    private let topics: TicketTopics

    init(from request: inout RequestReader) {
        lastEventID = request.query("last_event_id", Self.cursor, "Where to go on; the header of that name wins.")
        let types = request.query("types", .text(1...500), "Types wanted, separated by commas; all by default.")
        topics = TicketTopics(
            types: types.flatMap(Self.names),
            agentID: request.query("agent_id", .id(), "Only what concerns this agent.")
        )
    }

    /// Any text, as the header may be: what is no cursor gets a `gap`, where a refusal would end an EventSource for ever.
    private static let cursor = Field<String>(
        schema: Schema([("type", "string")]),
        placeholder: "",
        read: { input, _ in input.json.string }
    )

    /// nil where none is named.
    private static func names(_ list: String) -> Set<String>? {
        let names = Set(list.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty })
        return names.isEmpty ? nil : names
    }

    /// What is asked for, or what the ticket is for: that was decided when it was made.
    /// - Throws: `validation_error` where both say something.
    func topics(of pass: StreamPass?) throws(Fault) -> TicketTopics {
        guard let pass else { return topics }
        let given = [("types", topics.types == nil), ("agent_id", topics.agentID == nil)].filter { !$0.1 }.map(\.0)
        guard given.isEmpty else { throw .validation(given.map(Self.decidedByTicket)) }
        return pass.topics
    }

    private static func decidedByTicket(_ field: String) -> FieldProblem {
        let text = LocalizedText(
            pt: "é do ingresso (ticket): foi escolhido quando ele foi criado",
            en: "is the ticket's: it was chosen when that was created"
        )
        return FieldProblem(field: field, message: text)
    }
}

private struct TicketBody: FieldList {
    static let schemaName = "TicketInput"

    let topics: TicketTopics

    init(from fields: inout FieldReader) {
        let types = fields.optional(
            "types",
            Field<[String]>.list(of: .name(1...64).example("conversion_recorded"), 1...50),
            "The only types of events that it shows; all by default."
        )
        topics = TicketTopics(
            types: types.map { Set($0) },
            agentID: fields.optional("agent_id", .id(), "It shows only what concerns this agent.")
        )
    }
}

extension Output where Value == NewTicket {
    /// `ticket` is null where the answer is given again.
    fileprivate static let newTicket = Output.object(
        "NewTicket",
        [
            Member("id", .id(), \.id),
            Member("ticket", Output<String>.text.nullable) { $0.text?.exposed },
            Member("expires_at", .timestamp, \.expiresAt),
        ]
    )
}
