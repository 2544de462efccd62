internal import Analytics
internal import Events
internal import LanguageModels
internal import Postgres
internal import Primitives
internal import Tenancy

/// The run is no longer this process's: it was given up for dead.
struct LostClaim: Error {}

/// Writes how a run ended: its row, the answer, what happened and what it counts for, in one transaction.
struct RunStore: Sendable {
    let database: TenantDatabase
    let clock: WallClock

    /// Guarantee: after it returned, run, message, event and ledger rows are committed together, once, however often it
    /// was called with the same conclusion; after `LostClaim` none of them is.
    /// - Returns: what it cost; nil where the model has no price.
    func finish(_ order: RunOrder, _ conclusion: RunConclusion) async throws -> Money? {
        try await database.transaction(in: order.identity.tenantID) { transaction in
            var price: ModelPrice?
            var cost: Money?
            if let usage = conclusion.usage {
                price = try await transaction.price(of: order.request.model.id, at: conclusion.finishedAt)
                cost = price?.cost(of: TokenQuantities(usage))?.total
            }
            let changed = try await transaction.execute(FinishRun(order: order, conclusion: conclusion, cost: cost))
            guard changed == 1 else {
                // A commit whose confirmation was lost shows itself here.
                let state = SelectRunState(
                    tenantID: order.identity.tenantID,
                    id: order.identity.runID,
                    claim: order.claim
                )
                guard try await transaction.queryFirst(state) == conclusion.state else { throw LostClaim() }
                return cost
            }
            if conclusion.hasMessage {
                try await transaction.execute(InsertAnswer(order, conclusion))
                try await transaction.append(.messageCompleted(order, conclusion, cost: cost))
            }
            try await transaction.record(order.ledgerEntries(of: conclusion, price: price), clock: clock)
            return cost
        }
    }
}

extension TokenQuantities {
    init(_ usage: TokenUsage) {
        self.init(
            input: usage.inputUncached,
            cached: usage.cacheRead,
            cacheWrite: usage.cacheWrite,
            output: usage.output
        )
    }
}

extension RunOrder {
    var ledgerSubject: LedgerSubject {
        LedgerSubject(
            agentID: agentID,
            conversationID: identity.conversationID,
            runID: identity.runID,
            channel: channel.rawValue
        )
    }

    fileprivate func ledgerEntries(of conclusion: RunConclusion, price: ModelPrice?) -> [LedgerEntry] {
        let (model, moment, subject) = (request.model.id, conclusion.finishedAt, ledgerSubject)
        let key = LedgerKey(.run, identity.runID)
        var entries: [LedgerEntry] = []
        if conclusion.hasMessage {
            let key = LedgerKey(.message, identity.messageID)
            entries.append(LedgerEntry(.messageOut, key: key, at: moment, of: subject, model: model))
        }
        if let usage = conclusion.usage {
            let tokens = TokenQuantities(usage)
            entries += LedgerEntry.tokens(tokens, model: model, price: price, key: key, at: moment, of: subject)
        }
        if conclusion.state == .completed {
            let timings: [(Meter, Int?)] = [
                (.answerFirstToken, conclusion.ttftMilliseconds), (.answerTotal, conclusion.totalMilliseconds),
            ]
            entries += timings.compactMap { meter, milliseconds in
                milliseconds.map {
                    LedgerEntry(meter, ExactDecimal($0), key: key, at: moment, of: subject, model: model)
                }
            }
        }
        return entries
    }
}

extension InsertAnswer {
    fileprivate init(_ order: RunOrder, _ conclusion: RunConclusion) {
        self.init(
            tenantID: order.identity.tenantID,
            conversationID: order.identity.conversationID,
            id: order.identity.messageID,
            content: conclusion.answer,
            runID: order.identity.runID,
            sources: conclusion.sources.map(\.json),
            metadata: conclusion.finishReason.map { ["finish_reason": .string($0.rawValue)] } ?? [:],
            createdAt: conclusion.finishedAt
        )
    }
}

extension RunEvent.Source {
    /// As it is stored with the message, under the names of the stream's frame.
    fileprivate var json: JSON {
        [
            "score": JSONNumber(score).map(JSON.number) ?? .null, "source": .string(name),
            "document_id": .string(documentID.description), "datasource_id": .string(knowledgeBaseID.description),
            "content_excerpt": .string(excerpt),
        ]
    }
}

extension Event {
    fileprivate static func messageCompleted(_ order: RunOrder, _ conclusion: RunConclusion, cost: Money?) -> Event {
        var data = JSONObject([
            ("conversation_id", .string(order.identity.conversationID.description)),
            ("message_id", .string(order.identity.messageID.description)),
            ("run_id", .string(order.identity.runID.description)),
            ("agent_id", .string(order.agentID.description)),
            ("model", .string(order.request.model.id)),
            ("finish_reason", (conclusion.finishReason?.rawValue).map(JSON.string) ?? .null),
            ("processing_time", .number(JSONNumber(conclusion.totalMilliseconds))),
        ])
        if let usage = conclusion.usage {
            data["tokens_used"] = .number(JSONNumber(usage.total))
        }
        if let cost {
            data["cost"] = [
                "amount": .string(cost.text), "currency": .string(cost.currency.rawValue),
            ]
        }
        return Event(
            .messageCompleted,
            data: .object(data),
            agentID: order.agentID,
            subjectID: SubjectID(order.identity.conversationID),
            occurredAt: conclusion.finishedAt
        )
    }
}
