public import Postgres
public import Primitives

/// Claims the keys that are new and writes their ledger rows.
///
/// Keys are claimed in their order, so that two transactions with the same keys wait for each other only one way.
///
/// May go into a caller's batch, whose transaction then must `settle` it.
public struct RecordEntries: Statement {
    public static let sql = """
        WITH given AS (
            SELECT * FROM unnest(
                $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::numeric[], $8::timestamptz[],
                $9::numeric[], $10::text[], $11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::uuid[],
                $16::text[], $17::text[], $18::int[]
            ) AS given (
                event_id, source, event_key, meter, payload_sha256, quantity, occurred_at,
                amount, currency, reverses_event_id, agent_id, conversation_id, contact_id, run_id,
                channel, model, price_version
            )
        ), claimed AS (
            INSERT INTO analytics.usage_key (tenant_id, source, event_key, meter, payload_sha256, event_id)
            SELECT $1, source, event_key, meter, payload_sha256, event_id FROM given
            ORDER BY source, event_key, meter
            ON CONFLICT (tenant_id, source, event_key, meter) DO NOTHING
            RETURNING event_id
        ), counted AS (
            INSERT INTO analytics.usage_event (
                tenant_id, meter, occurred_at, event_id, source, event_key, quantity, amount, currency,
                reverses_event_id, agent_id, conversation_id, contact_id, run_id, channel, model, price_version,
                metric_version
            )
            SELECT DISTINCT ON (event_id) $1::uuid, meter, occurred_at, event_id, source, event_key, quantity, amount, currency,
                reverses_event_id, agent_id, conversation_id, contact_id, run_id, channel, model, price_version, $19
            FROM given JOIN claimed USING (event_id)
        )
        SELECT count(*) FROM claimed
        """
    private let tenantID: TenantID
    let entries: [LedgerEntry]

    /// - Throws: `occurred_at_out_of_range`.
    public init(tenantID: TenantID, entries: [LedgerEntry], clock: WallClock = .system) throws(Fault) {
        let now = clock.now()
        let window = (now - .seconds(35 * 86_400))...(now + .seconds(300))
        guard entries.allSatisfy({ window.contains($0.occurredAt) }) else { throw .occurredAtOutOfRange }
        self.tenantID = tenantID
        self.entries = entries
    }

    public var bindings: Bindings {
        [
            tenantID, entries.map(\.id), entries.map(\.key.source), entries.map(\.key.value), entries.map(\.meter),
            entries.map(\.payloadDigest), entries.map(\.quantity), entries.map(\.occurredAt),
            entries.map { $0.amount?.amount ?? .zero }, entries.map { $0.amount?.currency.rawValue ?? "" },
            entries.map { $0.reverses ?? .none }, entries.map { $0.subject.agentID ?? .none },
            entries.map { $0.subject.conversationID ?? .none }, entries.map { $0.subject.contactID ?? .none },
            entries.map { $0.subject.runID ?? .none }, entries.map(\.subject.channel), entries.map(\.model),
            entries.map { Int32($0.priceVersion) }, Int32(Meter.definitionVersion),
        ]
    }

    public static func decode(_ row: inout RowReader) throws -> Int {
        try row.read(Int.self)
    }
}

/// How many of the entries' keys were counted with another payload.
struct CountUnequalPayloads: Statement {
    static let sql = """
        SELECT count(*)
        FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[])
            AS given (source, event_key, meter, payload_sha256)
        JOIN analytics.usage_key k
            ON k.tenant_id = $1 AND k.source = given.source AND k.event_key = given.event_key
            AND k.meter = given.meter
        WHERE k.payload_sha256 <> given.payload_sha256
        """
    let tenantID: TenantID
    let entries: [LedgerEntry]

    var bindings: Bindings {
        [
            tenantID, entries.map(\.key.source), entries.map(\.key.value), entries.map(\.meter),
            entries.map(\.payloadDigest),
        ]
    }

    static func decode(_ row: inout RowReader) throws -> Int {
        try row.read(Int.self)
    }
}
