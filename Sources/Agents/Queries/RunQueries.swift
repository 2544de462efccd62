internal import Analytics
internal import FoundationEssentials
internal import LanguageModels
public import Postgres
internal import Primitives

extension Run.State: PostgresText {}
extension Run.FinishReason: PostgresText {}

/// Begins a run, with a lease: a conversation that is answering already gives no row.
///
/// The row takes its part of the month's quotas, which whatever ends the run settles (migration 0009).
///
/// The lease is four renewals long; what a killed process leaves is found within 5 s of its end, so 25 s after the kill.
struct InsertRun: Statement {
    static let sql = """
        INSERT INTO agents.run (tenant_id, id, conversation_id, agent_id, user_message_id, answer_message_id, claim,
            lease_until, provider, model_id, temperature, started_at, reserved_tokens)
        VALUES ($1, $2, $3, $4, $5, $6, $7, now() + interval '20 seconds', $8, $9, $10, $11, $12)
        ON CONFLICT (tenant_id, conversation_id) WHERE state = 'running' DO NOTHING
        RETURNING id
        """
    let order: RunOrder
    let userMessageID: MessageID

    var bindings: Bindings {
        [
            order.identity.tenantID, order.identity.runID, order.identity.conversationID, order.agentID, userMessageID,
            order.identity.messageID, order.claim, order.provider.name.rawValue, order.request.model.id,
            order.temperature, order.startedAt, order.reservedTokens,
        ]
    }

    static func decode(_ row: inout RowReader) throws -> RunID { try row.read() }
}

/// Answers of a tenant that are being made, by any process; a killed one's count until their leases run out.
struct CountRunningRuns: Statement {
    static let sql =
        "SELECT count(*) FROM agents.run WHERE tenant_id = $1 AND state = 'running' AND lease_until > now()"
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

struct SelectRunningRun: Statement {
    static let sql = "SELECT id FROM agents.run WHERE tenant_id = $1 AND conversation_id = $2 AND state = 'running'"
    let tenantID: TenantID
    let conversationID: ConversationID

    var bindings: Bindings { [tenantID, conversationID] }

    static func decode(_ row: inout RowReader) throws -> RunID { try row.read() }
}

/// Ends a run, if it is still its process's own: the fence that keeps a late finish from changing anything.
struct FinishRun: Command {
    static let sql = """
        UPDATE agents.run SET state = $4, partial_answer = $5, input_tokens = $6, cached_tokens = $7,
            cache_write_tokens = $8, output_tokens = $9, is_usage_estimated = $10, cost = $11, cost_currency = $12,
            finish_reason = $13, error_code = $14, ttft_ms = $15, total_ms = $16, finished_at = $17
        WHERE tenant_id = $1 AND id = $2 AND claim = $3 AND state = 'running'
        """
    let order: RunOrder
    let conclusion: RunConclusion
    let cost: Money?

    var bindings: Bindings {
        let usage = conclusion.usage
        return [
            order.identity.tenantID, order.identity.runID, order.claim, conclusion.state,
            conclusion.hasMessage || conclusion.answer.isEmpty ? nil : conclusion.answer,
            usage?.inputUncached, usage?.cacheRead, usage?.cacheWrite, usage?.output, usage?.isEstimated,
            cost?.amount, cost?.currency, conclusion.finishReason, conclusion.fault?.code.rawValue,
            conclusion.ttftMilliseconds,
            conclusion.totalMilliseconds, conclusion.finishedAt,
        ]
    }
}

/// How a run of a claim stands.
struct SelectRunState: Statement {
    static let sql = "SELECT state FROM agents.run WHERE tenant_id = $1 AND id = $2 AND claim = $3"
    let tenantID: TenantID
    let id: RunID
    let claim: UUID

    var bindings: Bindings { [tenantID, id, claim] }

    static func decode(_ row: inout RowReader) throws -> Run.State { try row.read() }
}

struct SelectRun: Statement {
    static let sql = """
        SELECT r.id, r.conversation_id, r.agent_id, r.user_message_id, r.answer_message_id, r.state, r.provider,
            r.model_id, r.temperature, coalesce(m.content, r.partial_answer), r.input_tokens, r.cached_tokens,
            r.cache_write_tokens, r.output_tokens, r.is_usage_estimated, r.cost, r.cost_currency, r.finish_reason,
            r.error_code, r.ttft_ms, r.total_ms, r.started_at, r.finished_at
        FROM agents.run r
        JOIN agents.conversation c ON c.tenant_id = r.tenant_id AND c.id = r.conversation_id AND c.deleted_at IS NULL
        LEFT JOIN agents.message m ON m.tenant_id = r.tenant_id AND m.id = r.answer_message_id
        WHERE r.tenant_id = $1 AND r.id = $2
        """
    let tenantID: TenantID
    let id: RunID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Run {
        Run(
            id: try row.read(),
            conversationID: try row.read(),
            agentID: try row.read(),
            userMessageID: try row.read(),
            answerMessageID: try row.read(),
            state: try row.read(),
            provider: ProviderName(rawValue: try row.read()),
            modelID: try row.read(),
            temperature: try row.read(),
            answer: try row.read(String?.self),
            usage: try TokenUsage(from: &row),
            cost: try Money(from: &row),
            finishReason: try row.read(Run.FinishReason?.self),
            errorCode: try row.read(String?.self),
            ttftMilliseconds: try row.read(Int?.self),
            totalMilliseconds: try row.read(Int?.self),
            startedAt: try row.read(),
            finishedAt: try row.read(Timestamp?.self)
        )
    }
}

struct RequestCancellation: Command {
    static let sql = """
        UPDATE agents.run SET cancel_requested_at = coalesce(cancel_requested_at, $3)
        WHERE tenant_id = $1 AND id = $2 AND state = 'running'
        """
    let tenantID: TenantID
    let id: RunID
    let requestedAt: Timestamp

    var bindings: Bindings { [tenantID, id, requestedAt] }
}

/// Renews the leases of a process's runs, as the worker; those that do not come back are its no longer.
struct RenewLeases: Statement {
    static let sql = """
        UPDATE agents.run SET lease_until = now() + interval '20 seconds'
        WHERE claim = $1 AND id = ANY ($2) AND state = 'running'
        RETURNING id, cancel_requested_at IS NOT NULL
        """
    let claim: UUID
    let ids: [RunID]

    var bindings: Bindings { [claim, ids] }

    static func decode(_ row: inout RowReader) throws -> (id: RunID, isCancelRequested: Bool) {
        (try row.read(RunID.self), try row.read(Bool.self))
    }
}

/// Runs whose process is gone, as the worker.
struct SelectExpiredRuns: Statement {
    static let sql = """
        SELECT tenant_id, id FROM agents.run WHERE state = 'running' AND lease_until < now()
        ORDER BY lease_until LIMIT $1
        """
    let limit: Int

    var bindings: Bindings { [limit] }

    static func decode(_ row: inout RowReader) throws -> (tenantID: TenantID, id: RunID) {
        (try row.read(TenantID.self), try row.read(RunID.self))
    }
}

/// Gives up a run whose lease ran out and was not renewed meanwhile, under its tenant.
struct InterruptExpiredRun: Command {
    static let sql = """
        UPDATE agents.run SET state = 'interrupted', error_code = $4, finished_at = greatest(started_at, $3)
        WHERE tenant_id = $1 AND id = $2 AND state = 'running' AND lease_until < now()
        """
    let tenantID: TenantID
    let id: RunID
    let finishedAt: Timestamp
    let errorCode: String

    var bindings: Bindings { [tenantID, id, finishedAt, errorCode] }
}

extension TokenUsage {
    /// - Returns: nil for five NULLs.
    fileprivate init?(from row: inout RowReader) throws {
        let input = try row.read(Int?.self)
        let cached = try row.read(Int?.self)
        let cacheWrite = try row.read(Int?.self)
        let output = try row.read(Int?.self)
        let isEstimated = try row.read(Bool?.self)
        guard let input, let cached, let cacheWrite, let output, let isEstimated else { return nil }
        self.init(
            inputUncached: input,
            cacheRead: cached,
            cacheWrite: cacheWrite,
            output: output,
            isEstimated: isEstimated
        )
    }
}
