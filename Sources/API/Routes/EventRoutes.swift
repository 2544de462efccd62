internal import Analytics
internal import Events
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// What happens in an organisation, live.
struct EventRoutes {
    let live: LiveEvents
    let directory: OrganizationDirectory
    let reports: AnalyticsReports
    let drain: DrainSwitch
    let clock: WallClock

    static let path = "/events/dashboard"

    var endpoints: [TenantEndpoint] {
        [
            .tenant(Self.operation) { request, context in
                let fields = try DashboardFields.read(from: request, context, body: nil)
                return try await stream(fields, request, context)
            }
        ]
    }

    private func stream(
        _ fields: DashboardFields,
        _ request: Request,
        _ context: TenantRequestContext
    ) async throws -> Response {
        let tenant = context.tenant
        let subscription = live.subscribe(
            to: tenant.tenantID,
            by: tenant.principal,
            after: request.headers[.lastEventID] ?? fields.lastEventID,
            types: fields.types,
            agentID: fields.agentID
        )
        try await directory.confirm(tenant)
        // Proxies cut at fifteen minutes; the spread keeps clients from coming back together.
        let end = ContinuousClock.now + .seconds(.random(in: 480...600))
        let tenantID = tenant.tenantID
        return .eventStream(in: context, departed: subscription.end) { writer in
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
            farewell.retry(.milliseconds(Int.random(in: 500...3000)))
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
            "conversations_started": .init(integerLiteral: figures.conversationsStarted),
            "messages_in": .init(integerLiteral: figures.messagesIn),
            "messages_out": .init(integerLiteral: figures.messagesOut),
            "conversions": .init(integerLiteral: figures.conversions),
            "conversion_value": .string(figures.conversionValue.total.text),
            "currency": .string(figures.conversionValue.total.currency.rawValue),
        ]
    }

    private static let operation: Operation = {
        let request = RequestReader.describe(DashboardFields.self)
        return Operation(
            method: .get,
            path: basePath + path,
            summary: "Live events as Server-Sent Events; resumes after Last-Event-ID",
            parameters: request.parameters,
            body: nil,
            success: [
                .init(.ok, "text/event-stream", Output<LiveEvent>.frame.schema, "Unnamed frames, each an event")
            ],
            faults: [],
            acceptsIdempotencyKey: false
        )
    }()
}

private struct DashboardFields: RequestFields {
    let lastEventID: String?
    let types: Set<EventType>?
    let agentID: AgentID?

    init(from request: inout RequestReader) {
        lastEventID = request.query("last_event_id", .text(1...64), "Where to go on; the header of that name wins.")
        let types = request.query("types", .text(1...500), "Types wanted, separated by commas; all by default.")
        self.types = types.map { Set($0.split(separator: ",").map { EventType(rawValue: String($0)) }) }
        agentID = request.query("agent_id", .id(), "Only what concerns this agent.")
    }
}

extension ServerSentEvents {
    /// An event with its place: `id:` is the cursor, the `id` inside is the event's own.
    fileprivate mutating func frame(_ event: LiveEvent) {
        var writer = JSONWriter()
        Output<LiveEvent>.frame.write(event, &writer)
        self.event(id: event.cursor.description, data: writer.bytes)
    }

    /// A frame of the stream itself: it has no place in the order, so it carries no `id:`.
    fileprivate mutating func frame(_ type: EventType, _ data: JSON, at time: Timestamp) {
        let json: JSON = [
            "id": .string(EventID.next().description), "type": .string(type.rawValue), "data": data,
            "timestamp": .string(time.description),
        ]
        event(data: json.encoded)
    }
}

extension Output where Value == LiveEvent {
    fileprivate static let frame = Output.object(
        "DashboardEvent",
        [
            Member("id", .id(), \.id),
            Member("type", .text, \.type.rawValue),
            Member("data", .rawJSON, \.payload),
            Member("timestamp", .timestamp, \.occurredAt),
        ]
    )
}

extension Output where Value == String {
    /// Text that is JSON already, written byte for byte.
    fileprivate static let rawJSON = Output(
        schema: Schema([("type", "object"), ("additionalProperties", true)])
    ) { $1.unescaped($0) }
}
