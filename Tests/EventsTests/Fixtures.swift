internal import Events
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport

extension TestDatabase {
    var tenants: TenantDatabase { TenantDatabase(pool: app) }

    func relay(batchSize: Int = 500, announce: @escaping @Sendable () async -> Void = {}) -> Relay {
        Relay(pool: worker, batchSize: batchSize, logger: Self.logger, announce: announce)
    }

    func liveEvents(bufferSize: Int = 256 * 1024) -> LiveEvents {
        LiveEvents(worker: worker, database: tenants, bufferSize: bufferSize, logger: Self.logger)
    }

    /// Appends in a transaction of their own, and gives the ids in their order.
    @discardableResult
    func append(_ events: [Event], to tenantID: TenantID) async throws -> [EventID] {
        try await tenants.transaction(in: tenantID) { try await $0.append(events) }
        return events.map(\.id)
    }

    /// The ids in the log, in the order of their positions.
    func loggedIDs() async throws -> [EventID] {
        try await administrator.query(SelectLoggedIDs())
    }
}

extension Principal {
    static let somebody = named("user_somebody")

    static func named(_ userID: String) -> Principal {
        .person(Person(userID: userID, sessionID: nil, role: .member, permissions: []))
    }
}

extension Event {
    static func sample(_ type: EventType = .toolCalled, agentID: AgentID? = nil, text: String = "olá") -> Event {
        Event(type, data: ["text": .string(text)], agentID: agentID, occurredAt: WallClock.system.now())
    }
}

struct SelectLoggedIDs: Statement {
    static let sql = "SELECT event_id FROM events.log ORDER BY position"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> EventID { try row.read(EventID.self) }
}

struct CountEventRows: Statement {
    static let sql = """
        SELECT (SELECT count(*) FROM events.event), (SELECT count(*) FROM events.pending),
            (SELECT count(*) FROM events.log)
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> [Int] {
        [try row.read(Int.self), try row.read(Int.self), try row.read(Int.self)]
    }
}

struct SelectEvents: Statement {
    static let sql = "SELECT id, payload FROM events.event ORDER BY id"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (id: EventID, payload: String) {
        (try row.read(EventID.self), try row.read(String.self))
    }
}

struct CutLog: Command {
    static let sql = "DELETE FROM events.log WHERE position < (SELECT max(position) FROM events.log)"
    var bindings: Bindings { [] }
}
