internal import Postgres
internal import Primitives

/// A part of a report: sums of one meter, a meter's percentiles, or a cohort.
enum ReportRow: Sendable {
    case meter(ReportScope, MeterSum)
    case timing(Meter, AnalyticsReport.Timing)
    case cohort(ReportScope, Figures.Cohort)
}

/// Sums of one meter in one currency.
struct MeterSum: Sendable {
    let meter: Meter
    /// nil where the meter has no amounts.
    let currency: Currency?
    let quantity: Int
    /// Rows, less those that reverse one.
    let net: Int
    /// Tokens without a price, or positive feedback.
    let marked: Int
    let amount: ExactDecimal
}

/// Of what a figure is: the whole range, one of its days (from 1) or an agent.
enum ReportScope: Hashable, Sendable {
    case all
    case day(Int)
    case agent(AgentID)
}

/// Everything that a report says of a range, in one statement and so in one snapshot.
///
/// A conversion may be said to have happened before its conversation was counted, by at most the 35 days that the ledger
/// takes; so far back conversions of the range's conversations are looked for.
struct SelectReport: Statement {
    static let sql = """
        WITH fact AS MATERIALIZED (
            SELECT width_bucket(occurred_at, $3::timestamptz[]) AS day, agent_id, meter, currency, quantity, amount, price_version,
                reverses_event_id <> '00000000-0000-0000-0000-000000000000' AS is_reversal
            FROM analytics.usage_event
            WHERE tenant_id = $1 AND meter = ANY($2) AND occurred_at >= $4 AND occurred_at < $5
                AND ($6::uuid IS NULL OR agent_id = $6)
        ), converted AS (
            SELECT conversation_id, sum(quantity) > 0 AS is_converted
            FROM analytics.usage_event
            WHERE tenant_id = $1 AND meter = 'conversion' AND occurred_at >= $4::timestamptz - interval '35 days'
            GROUP BY conversation_id
        ), started AS MATERIALIZED (
            SELECT width_bucket(occurred_at, $3::timestamptz[]) AS day, agent_id, coalesce(is_converted, false) AS is_converted
            FROM analytics.usage_event LEFT JOIN converted USING (conversation_id)
            WHERE tenant_id = $1 AND meter = 'conversation.started' AND occurred_at >= $4 AND occurred_at < $5
                AND ($6::uuid IS NULL OR agent_id = $6)
        )
        SELECT 'meter', day, agent_id, meter, currency,
            sum(quantity)::bigint,
            count(*) FILTER (WHERE NOT is_reversal) - count(*) FILTER (WHERE is_reversal),
            CASE WHEN meter = 'feedback'
                THEN count(*) FILTER (WHERE quantity > 0 AND NOT is_reversal)
                    - count(*) FILTER (WHERE quantity < 0 AND is_reversal)
                ELSE coalesce(sum(quantity) FILTER (WHERE price_version = 0), 0)::bigint
            END,
            sum(amount)
        FROM fact
        GROUP BY GROUPING SETS ((meter, currency), (day, meter, currency), (agent_id, meter, currency))
        UNION ALL
        SELECT 'timing', NULL, NULL, meter, NULL,
            count(*),
            percentile_disc(0.5) WITHIN GROUP (ORDER BY quantity)::bigint,
            percentile_disc(0.95) WITHIN GROUP (ORDER BY quantity)::bigint,
            NULL
        FROM fact WHERE meter IN ('answer.timing.first_token', 'answer.timing.total')
        GROUP BY meter
        UNION ALL
        SELECT 'cohort', day, agent_id, NULL, NULL, count(*), count(*) FILTER (WHERE is_converted), NULL, NULL
        FROM started
        GROUP BY GROUPING SETS ((), (day), (agent_id))
        """

    static let meters: [Meter] = [
        .conversationStarted, .messageIn, .messageOut, .tokensInput, .tokensCached, .tokensCacheWrite, .tokensOutput,
        .toolCall, .leadCaptured, .conversion, .answerFirstToken, .answerTotal, .feedback, .humanRequested,
    ]

    let tenantID: TenantID
    /// Where each day begins, in order, without holes.
    let days: [Timestamp]
    let end: Timestamp
    let agentID: AgentID?

    var bindings: Bindings { [tenantID, Self.meters, days, days.first, end, agentID] }

    static func decode(_ row: inout RowReader) throws -> ReportRow {
        let kind = try row.read(String.self)
        let day = try row.read(Int?.self)
        let agentID = try row.read(AgentID?.self)
        let scope = day.map(ReportScope.day) ?? agentID.map(ReportScope.agent) ?? .all
        let meter = try row.read(Meter?.self)
        let currency = try row.read(String?.self)
        let first = try row.read(Int.self)
        let second = try row.read(Int.self)
        let third = try row.read(Int?.self)
        let amount = try row.read(ExactDecimal?.self)
        guard let meter else { return .cohort(scope, Figures.Cohort(started: first, converted: second)) }
        guard kind == "meter" else {
            return .timing(meter, AnalyticsReport.Timing(count: first, p50: second, p95: third ?? 0))
        }
        let sum = MeterSum(
            meter: meter,
            currency: currency.flatMap(Currency.init(rawValue:)),
            quantity: first,
            net: second,
            marked: third ?? 0,
            amount: amount ?? .zero
        )
        return .meter(scope, sum)
    }
}
