/// How each statement is tried.
enum StatementTrials {
    /// Whose relations a module's SQL may name, besides its own schema's and `tenancy`'s.
    static let schemas = [
        "Agents": "agents", "Knowledge": "knowledge", "Events": "events", "Jobs": "jobs",
        "Analytics": "analytics", "LanguageModels": "models", "Tenancy": "tenancy", "Auth": "tenancy",
        "Postgres": "public", "Webhooks": "webhooks",
    ]

    /// Run with the worker's connections: the loops over all tenants.
    static let worker: Set = [
        "Agents.RenewLeases", "Agents.SelectExpiredRuns", "Analytics.EnsurePartitions", "Auth.DeleteOldTickets",
        "Events.RelayPending",
        "Events.SelectLog", "Events.SelectLogExtent", "Events.SelectLogHead", "Events.TrimLog", "Events.TryRelayLock",
        "Jobs.BuryJob",
        "Jobs.ClaimJobs", "Jobs.DeleteOldDead", "Jobs.DeleteOldTicks", "Jobs.DropFinishedPartitions",
        "Jobs.EnqueueJobsOfTenants", "Jobs.EnsureFinishedPartitions", "Jobs.InsertTicks", "Jobs.LockQueue",
        "Jobs.ReleaseDueJobs", "Jobs.RenewLeases", "Jobs.RescueJobs", "Jobs.ReturnJob", "Jobs.SelectLatestDead",
        "Jobs.SelectOwnersOfDead", "Jobs.SelectSchedulePlaces",
        "Jobs.SelectWaitingJobs", "Jobs.SelectZoneOffsets", "Tenancy.DeleteOldRevocations", "Tenancy.DeleteOldSessions",
        "Tenancy.InsertEndedSession", "Tenancy.MarkUserDeleted", "Tenancy.SelectRevocations",
        "Tenancy.UpsertUserAccount", "Webhooks.DeleteOldDeliveries", "Webhooks.DeleteOldMessages",
        "Webhooks.DeleteOldReplays", "Webhooks.InsertDeliveries", "Webhooks.InsertMessages", "Webhooks.SelectListeners",
        "Webhooks.SelectTenantsToResume",
    ]

    /// What statements and functions are run with where a tenant has 100,000 rows (`Crowd`): SQL, as for EXECUTE.
    ///
    /// For those whose parameters choose between ways to go, and those that arguments of any sort would not suit.
    static let arguments: [String: [String?]] = [
        "Agents.UpdateAgent": ["tenant(1), id(8), '', '', '', 'local', 0, 1, '[]', 'private', NULL, '{}', '{}', now()"],
        "Agents.InsertConversation": ["tenant(1), id(200000), id(8), 'api', NULL, NULL, 2, now()"],
        "Agents.SelectAgents": Self.pages("tenant(1)"),
        "Agents.SelectConversations": Self.pages("tenant(1)"),
        "Agents.SelectConversationsOfAgent": Self.pages("tenant(1)", "id(1)") + Self.pages("tenant(1)", "id(7)"),
        "Agents.SelectConversationsInStatus": Self.pages("tenant(1)", "'human_requested'"),
        "Agents.SelectConversationsOfAgentInStatus": Self.pages("tenant(1)", "id(7), 'active'"),
        "Agents.SelectConversationsOfAgents": Self.pages("tenant(1)", "ARRAY[id(7), id(8)], NULL"),
        "Agents.SelectAgentsAmong": Self.pages("tenant(1)", "ARRAY[id(7), id(60000)]"),
        "Agents.UpdateConversation": ["tenant(1), id(8), NULL, 'resolved', '{}', now()"],
        "Agents.BlankMessages": ["tenant(1), id(1)", "tenant(1), id(8)"],
        "Agents.BlankRuns": ["tenant(1), id(1)", "tenant(1), id(8)"],
        "Agents.SelectConversions": Self.pages("tenant(1)"),
        "Agents.SelectMessages": [
            "tenant(1), id(1), NULL, 21", "tenant(1), id(1), id(10000), 21", "tenant(1), id(8), NULL, 21",
        ],
        "Agents.FinishRun": [
            """
            tenant(1), id(500), id(0), 'completed', NULL, 1, 1, 1, 1, false, 1, 'BRL', 'stop', NULL, 1, 1, now()
            """
        ],
        "Agents.SelectRunningRun": ["tenant(1), id(1)", "tenant(1), id(500)"],
        "Agents.InsertAnswer": ["tenant(1), id(8), id(200000), '', NULL, '[]', '{}', now()"],
        "Agents.RenewLeases": ["id(0), ARRAY[id(500), id(1500)]"],
        "Analytics.CountUnequalPayloads": [
            """
            tenant(1), ARRAY['message', 'message'], ARRAY[id(8)::text, id(9)::text], ARRAY['message.in', 'message.in'],
            ARRAY['', '']::bytea[]
            """
        ],
        "Analytics.SelectReport": [
            Self.report(agent: "NULL"), Self.report(agent: "id(1)"), Self.report(agent: "id(7)"),
        ],
        "Events.SelectMissed": ["tenant(1), 50000, 100000, 100"],
        "Events.TrimLog": ["0, 86400, 1000", "60000, 86400, 1000"],
        "Jobs.ClaimJobs": [
            "'default', '{k0,k1}', 100, 10, id(0), 'a', 30", "'default', '{k2}', 1, 1000, tenant(1), 'a', 30",
        ],
        "Jobs.EnqueueJobs": [
            """
            tenant(1), ARRAY[id(200000), id(200001)], '{q,q}', '{k0,k0}', ARRAY['{}', '{}']::jsonb[], '{0,0}', '{0,0}',
            '{1,1}', '{key-8,key-200001}'
            """
        ],
        "Jobs.FinishJobs": ["ARRAY[tenant(1)], ARRAY[id(500)], ARRAY[id(500)], '{completed}'"],
        "Jobs.LockClaim": ["tenant(1), id(500), id(500)"],
        "Jobs.InsertTicks": [
            "'nightly', ARRAY[now(), now() + interval '1 day'], ARRAY[id(200000), id(0)], '{q,q}', '{k0,k0}', "
                + "ARRAY['{}', '{}']::jsonb[], '{0,0}', '{0,0}', '{1,1}', '{\"\",\"\"}'"
        ],
        "Jobs.RenewLeases": ["ARRAY[tenant(1), tenant(2)], ARRAY[id(500), id(500)], ARRAY[id(500), id(500)], 30"],
        "Jobs.ReleaseDueJobs": ["1000"],
        "Jobs.RetryDeadJob": ["tenant(1), id(200200)"],
        "Jobs.ReturnJob": ["tenant(1), id(500), id(500), 0, 'broken', 5"],
        "Jobs.BuryJob": ["tenant(1), id(500), id(500), 'broken'"],
        "Jobs.SelectSchedulePlaces": ["'{nightly,hourly}'"],
        "Jobs.SelectWaitingJobs": ["'default'"],
        "Jobs.SelectZoneOffsets": ["'America/Sao_Paulo', now() - interval '2 days', now() + interval '9 days'"],
        "Jobs.DropFinishedPartitions": ["259200"],
        "Jobs.DeleteOldDead": ["2592000, 1000"],
        "Jobs.DeleteOldTicks": ["2592000, 1000"],
        "Knowledge.InsertReceivingDocument": ["tenant(1), id(200000), id(8), '', '', 'text'"],
        "Knowledge.SelectDocuments": Self.pages("tenant(1)"),
        "Knowledge.SelectDocumentsOfBase": Self.pages("tenant(1)", "id(1)") + Self.pages("tenant(1)", "id(8)"),
        "Knowledge.SelectKnowledgeBases": Self.pages("tenant(1)"),
        "Knowledge.DeleteDocumentsOfBase": ["tenant(1), id(8)"],
        "Knowledge.AdvanceDocument": ["tenant(1), id(1000), 50"],
        "Tenancy.DeleteExpiredIdempotencyKey": ["tenant(1), 'key-8'"],
        "Tenancy.SelectIdempotentAnswer": ["tenant(1), 'key-8'"],
        "Tenancy.SelectAuditEntries": Self.pages("tenant(1)", "NULL, NULL, NULL, NULL, NULL"),
        "Tenancy.SelectAuditEntriesOfAction": Self.pages("tenant(1)", "NULL, NULL, 'agent.deleted', NULL, NULL"),
        "Tenancy.SelectAuditEntriesOfActor": Self.pages("tenant(1)", "'user_7', NULL, NULL, NULL, NULL"),
        "Tenancy.SelectAuditEntriesOfTarget": Self.pages(
            "tenant(1)",
            "NULL, id(7)::text, NULL, now() - interval '30 days', NULL"
        ),
        "Auth.SelectAPIKeys": Self.pages("tenant(1)"),
        "Auth.SelectAPIKeyByPrefix": ["tenant(1), '8'"],
        "Auth.InsertTicket": ["tenant(1), id(200000), 'x', sha256(''), 'user_8', NULL, NULL, NULL, 60"],
        "Auth.SelectTicketByPrefix": ["tenant(1), '8'"],
        "Auth.ClaimPass": ["tenant(1), id(8), id(9)"],
        "Auth.TakePass": ["tenant(1), id(8), id(8), true"],
        "Auth.ReleasePass": ["tenant(1), id(8), id(8)"],
        "Auth.DeleteOldTickets": ["86400, 1000"],
        "Tenancy.SelectMembership": ["tenant(1), 'user_8', 'sess_8', id(8)"],
        "Tenancy.SettleMemberState": ["tenant(1), 'user_8'"],
        "Webhooks.DeleteOldDeliveries": ["2592000, 1000"],
        "Webhooks.DeleteOldMessages": ["2592000, 1000"],
        "Webhooks.DeleteOldReplays": ["2592000, 1000"],
        "Webhooks.SelectListeners": [
            "ARRAY[tenant(2), tenant(2), tenant(9)], '{message_received,webhook_disabled,lead_captured}', 50"
        ],
        "Webhooks.InsertEndpoint": [
            "tenant(1), id(200000), '', '', '', '{}', true, 9, 15, NULL, '{}', '', '', 'events', NULL, 50"
        ],
        "Webhooks.UpdateEndpoint": ["tenant(1), id(8), '', '', '', '{}', 9, 15, NULL, NULL, NULL, NULL, true"],
        "Webhooks.SwitchEndpoint": ["tenant(1), id(8), true"],
        "Webhooks.RotateSecret": ["tenant(1), id(8), ''"],
        "Webhooks.SelectEndpoints": ["tenant(1), id(200000), 21", "tenant(1), id(50000), 21"],
        "Webhooks.SelectDeliveries": ["tenant(1), id(1), id(200000), 21", "tenant(1), id(1), id(25000), 21"],
        "Webhooks.SelectDeliveriesInState": [
            "tenant(1), id(1), id(200000), 21, 'failed'", "tenant(1), id(1), id(25000), 21, 'held'",
            "tenant(1), id(1), id(200000), 21, 'pending'", "tenant(1), id(7), id(25000), 21, 'succeeded'",
        ],
        "Webhooks.SelectDelivery": ["tenant(1), id(1), id(8)"],
        "Webhooks.SelectAttempts": ["tenant(1), id(1), id(8)"],
        "Webhooks.CountUnsuccessful": ["tenant(1), id(1), id(0), id(200000)"],
        "Webhooks.BeginRelease": ["tenant(1), id(1), id(0), id(200000), 500"],
        "Webhooks.BeginRounds": ["tenant(1), id(1), id(0), id(200000), 500"],
        "Webhooks.BeginOldestRound": ["tenant(1), id(1)"],
        "Webhooks.SelectReplayPlace": ["tenant(1), id(8)"],
        "Webhooks.SelectSending": ["tenant(1), id(1), id(8)"],
        "knowledge.search_lexical(text,uuid[],double precision,integer)": [
            "'w7', ARRAY[id(1)], 0, 5", "'w7', ARRAY[id(8)], 0, 5", "'w7', NULL, 0, 5",
            "'frete w7', ARRAY[id(1)], 0, 5",
            "'frete', ARRAY[id(8)], 0, 5",
        ],
    ]

    /// Tables of which a plan may drop more than ten times what it keeps, by statement.
    static let exemptions: [String: Set<String>] = [
        // Deleting a conversation reads its runs, once; few have a part of an answer, and the others stay untouched.
        "Agents.BlankRuns": ["agents.run"],
        // One agent's report reads the range of the whole tenant: an index by agent would cost every ledger row, and
        // roll-ups by day and agent will answer it.
        "Analytics.SelectReport": ["analytics.usage_event"],
    ]

    /// The first page and one from the middle, of lists that begin after a row; `conditions` are `$5` and on.
    private static func pages(_ tenant: String, _ conditions: String? = nil) -> [String] {
        ["'9999-01-01', id(0)", "now() - interval '17 days', id(50000)"].map { place in
            [tenant, place, "21", conditions].compactMap(\.self).joined(separator: ", ")
        }
    }

    /// A week's.
    private static func report(agent: String) -> String {
        let days = (0...6).reversed().map { "now() - interval '\($0 + 1) days'" }
        return """
            tenant(1), ARRAY['conversation.started', 'message.in', 'tokens.input', 'conversion', 'answer.timing.total'],
            ARRAY[\(days.joined(separator: ", "))], \(days[0]), now(), \(agent)
            """
    }
}
