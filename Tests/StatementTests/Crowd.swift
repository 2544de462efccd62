internal import Postgres

/// A database in which one of 20 tenants has 100,000 rows in every table, and the others 1,000.
enum Crowd {
    /// Tables in which a tenant has one row, or one a month; or the system alone has some.
    static let tablesWithOneRow: Set = [
        "tenancy.monthly_use", "tenancy.organization", "tenancy.settings", "tenancy.storage_use",
        "webhooks.signing_key",
    ]

    /// The big one, `tenant(1)` in SQL.
    static let tenant = SessionSetting(name: "app.tenant_id", value: "00000000-0000-5000-8000-000000000001")

    /// Written by the administrator of the test's server, past foreign keys and row-level security.
    ///
    /// `tenant(1)` is the big one; `id(n)` is the id of the n-th row in any table.
    static func gather(in database: PostgresPool) async throws {
        try await database.unsafeScript(functions)
        try await withThrowingTaskGroup { group in
            for script in [tenancy + events, agents, knowledge + webhooks, analytics + jobs] {
                group.addTask {
                    try await database.unsafeScript("SET LOCAL session_replication_role = replica; \(script)")
                }
            }
            try await group.waitForAll()
        }
        try await database.unsafeScript("ANALYZE")
    }

    private static let functions = """
        CREATE FUNCTION public.id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
            RETURN ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
        CREATE FUNCTION public.tenant(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
            RETURN ('00000000-0000-5000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
        CREATE TABLE public.crowd AS
            SELECT tenant(number) AS tenant_id, n, id(n) AS id, now() - n * interval '30 seconds' AS at
            FROM generate_series(1, 20) AS number,
                LATERAL generate_series(1, CASE number WHEN 1 THEN 100000 ELSE 1000 END) AS n
            ORDER BY n, number;
        """

    /// Revocations and ended sessions are of the last 25 hours: older ones are deleted.
    private static let tenancy = """
        INSERT INTO tenancy.organization (tenant_id, clerk_id, name)
            SELECT tenant_id, 'org_' || tenant_id, 'Loja' FROM crowd WHERE n = 1;
        INSERT INTO tenancy.settings (tenant_id, chosen) SELECT tenant_id, '{}' FROM crowd WHERE n = 1;
        INSERT INTO tenancy.monthly_use (tenant_id, month, messages, tokens)
            SELECT tenant_id, date_trunc('month', now(), 'UTC'), 1, 1 FROM crowd WHERE n = 1;
        INSERT INTO tenancy.storage_use (tenant_id, bytes) SELECT tenant_id, 1 FROM crowd WHERE n = 1;
        INSERT INTO tenancy.member (tenant_id, user_id, clerk_membership_id, role)
            SELECT tenant_id, 'user_' || n, 'orgmem_' || n, 'member' FROM crowd;
        INSERT INTO tenancy.membership_tombstone (tenant_id, clerk_membership_id)
            SELECT tenant_id, 'orgmem_' || n FROM crowd;
        INSERT INTO tenancy.clerk_event (tenant_id, svix_id, type, body)
            SELECT tenant_id, 'msg_' || n, 'organization.updated', '' FROM crowd;
        INSERT INTO tenancy.user_account (user_id) SELECT 'user_' || n FROM crowd WHERE tenant_id = tenant(1);
        INSERT INTO tenancy.ended_session (session_id, ended_at)
            SELECT 'sess_' || n, now() - n * interval '0.9 seconds' FROM crowd WHERE tenant_id = tenant(1);
        INSERT INTO tenancy.revocation (tenant_id, id, kind, subject, created_at)
            SELECT tenant_id, id, 'member', 'user_' || n, now() - n * interval '0.9 seconds' FROM crowd;
        INSERT INTO tenancy.api_key (tenant_id, id, name, prefix, key_sha256, scopes, created_by, created_at)
            SELECT tenant_id, id, '', n, sha256(''), '{chat}', 'user_' || n, at FROM crowd;
        INSERT INTO tenancy.ticket (tenant_id, id, prefix, ticket_sha256, user_id, created_at, connection_id, claimant_id)
            SELECT tenant_id, id, n, sha256(''), 'user_' || n, now() - n * interval '0.9 seconds', id, id FROM crowd;
        INSERT INTO tenancy.audit_entry (tenant_id, id, occurred_at, actor_kind, actor_id, action, target_id)
            SELECT tenant_id, id, at, 'user', 'user_' || n % 1000,
                CASE n % 1000 WHEN 0 THEN 'agent.deleted' ELSE 'agent.updated' END, id(n % 1000)::text FROM crowd;
        INSERT INTO tenancy.idempotency_key (tenant_id, key, request_sha256, status, body)
            SELECT tenant_id, 'key-' || n, '', 200, '' FROM crowd;
        """

    /// Conversation 1 has 2,000 messages and 2,000 runs, others 20 each; agent 1 has half of the conversations.
    private static let agents = """
        INSERT INTO agents.agent (tenant_id, id, name, description, system_prompt, model_id, temperature, max_tokens,
                tools, visibility, knowledge_base_id, interface_config, goals, created_at, updated_at, deleted_at)
            SELECT tenant_id, id, 'Clara', '', '', 'local', 0, 1, '[]', 'private', id, '{}', '[]', at, at,
                CASE WHEN n % 10 = 5 THEN at END
            FROM crowd;
        INSERT INTO agents.conversation (tenant_id, id, agent_id, channel, status, next_seq, created_at, updated_at,
                deleted_at)
            SELECT tenant_id, id, CASE n % 2 WHEN 0 THEN id(1) ELSE id(1 + n % 1000) END, 'api',
                CASE WHEN n % 1000 = 0 THEN 'human_requested' WHEN n % 3 = 0 THEN 'resolved' ELSE 'active' END,
                100001, at, at, CASE WHEN n % 10 = 5 THEN at END
            FROM crowd;
        INSERT INTO agents.message (tenant_id, id, conversation_id, seq, role, content, is_imported, run_id, created_at)
            SELECT tenant_id, id, id(CASE WHEN n <= 2000 THEN 1 ELSE n / 20 END),
                CASE WHEN n <= 2000 THEN n ELSE n % 20 + 1 END,
                CASE n % 2 WHEN 0 THEN 'assistant' ELSE 'user' END, 'Olá', false, id, at
            FROM crowd;
        INSERT INTO agents.run (tenant_id, id, conversation_id, agent_id, user_message_id, answer_message_id, state,
                claim, lease_until, provider, model_id, temperature, partial_answer, started_at, finished_at)
            SELECT tenant_id, id, CASE WHEN is_running THEN id WHEN n <= 2000 THEN id(1) ELSE id(n / 20) END,
                id(1), id, id, CASE WHEN is_running THEN 'running' ELSE 'completed' END, id(n % 10),
                at + interval '20 days', 'local', 'local', 0, CASE WHEN n % 100 = 1 THEN '' END, at,
                CASE WHEN NOT is_running THEN at END
            FROM crowd, LATERAL (SELECT n % 1000 = 500 AS is_running) AS state;
        INSERT INTO agents.conversion (tenant_id, id, conversation_id, agent_id, occurred_at, dedupe_key, payload_sha256,
                created_at)
            SELECT tenant_id, id, id, id(1), at, 'pedido-' || n, sha256(''), at FROM crowd;
        """

    /// Base 1 has half of the documents; half of all are deleted, among them nearly all of the newest.
    ///
    /// Each document has ten pieces and ten passages; all passages have the word `frete`, a hundred `w7`.
    private static let knowledge = """
        INSERT INTO knowledge.base (tenant_id, id, name, description, created_at, updated_at, deleted_at)
            SELECT tenant_id, id, 'Loja', '', at, at, CASE WHEN n % 10 = 5 THEN at END FROM crowd;
        INSERT INTO knowledge.document (tenant_id, id, base_id, name, content_type, origin, status, chunk_count,
                created_at, updated_at)
            SELECT tenant_id, id, CASE n % 2 WHEN 0 THEN id(1) ELSE id(1 + n % 1000) END, 'Frete', 'text/plain', 'text',
                CASE WHEN n % 1000 = 0 THEN 'queued' WHEN n % 1000 = 1 THEN 'receiving'
                    WHEN n BETWEEN 1000 AND 50000 THEN 'deleted' ELSE 'ready' END,
                10, at, at
            FROM crowd;
        INSERT INTO knowledge.blob (tenant_id, document_id, ordinal, bytes)
            SELECT tenant_id, id((n + 9) / 10), (n - 1) % 10, '1' FROM crowd;
        INSERT INTO knowledge.chunk (tenant_id, id, document_id, ordinal, breadcrumb, content, starts_at, ends_at, tsv)
            SELECT tenant_id, id, id((n + 9) / 10), (n - 1) % 10, '', 'frete', 0, 5,
                ('frete:1 w' || n % 1000 || ':2')::tsvector || array_to_tsvector(ARRAY[
                    knowledge.scope_word(tenant_id),
                    knowledge.scope_word(id(CASE (n + 9) / 10 % 2 WHEN 0 THEN 1 ELSE 1 + (n + 9) / 10 % 1000 END))
                ])
            FROM crowd;
        """

    private static let events = """
        INSERT INTO events.event (tenant_id, id, type, audience, payload, occurred_at)
            SELECT tenant_id, id, 'conversation_started', CASE n % 100 WHEN 0 THEN 'internal' ELSE 'tenant' END, '{}', at
            FROM crowd;
        INSERT INTO events.pending (tenant_id, event_id) SELECT tenant_id, id FROM crowd;
        INSERT INTO events.log (tenant_id, event_id) SELECT tenant_id, id FROM crowd ORDER BY n;
        """

    /// One in a thousand runs, a third is not due yet; dead jobs and ticks are of the last 35 days, finished ones of the days
    /// that have partitions.
    private static let jobs = """
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, state, priority, run_at, attempt, maximum_attempts,
                unique_key, claim_id, claimed_by, lease_until)
            SELECT tenant_id, id, 'default', 'k' || n % 2, '{}',
                CASE WHEN is_running THEN 'running' WHEN n % 3 = 0 THEN 'scheduled' ELSE 'available' END,
                n % 4, CASE n % 3 WHEN 0 THEN now() + n * interval '30 seconds' ELSE at END, 1, 20, 'key-' || n,
                CASE WHEN is_running THEN id END, CASE WHEN is_running THEN 'a' END,
                CASE WHEN is_running THEN now() + (n % 3 - 1) * interval '1 hour' END
            FROM crowd, LATERAL (SELECT n % 1000 = 500 AS is_running) AS state;
        INSERT INTO jobs.dead (tenant_id, id, queue, kind, payload, priority, attempt, maximum_attempts, crashes,
                created_at, died_at)
            SELECT tenant_id, id(n + 200000), 'default', 'k', '{}', 0, 1, 1, 0, at, at FROM crowd;
        INSERT INTO jobs.finished (tenant_id, id, queue, kind, outcome, attempt, crashes, created_at, finished_at)
            SELECT tenant_id, id, 'default', 'k', 'completed', 1, 0, at, now() + n * interval '10 seconds' FROM crowd;
        INSERT INTO jobs.tick (tenant_id, schedule, tick, job_id)
            SELECT tenant_id, CASE n % 2 WHEN 0 THEN 'nightly' ELSE 'hourly' END, at, id FROM crowd;
        """

    /// Endpoint 1 has half of the deliveries; one in ten failed, one in a thousand waits; each had two
    /// attempts.
    ///
    /// Signing keys are the system's.
    private static let webhooks = """
        INSERT INTO webhooks.endpoint (tenant_id, id, name, url, description, event_types, header_names, sealed_headers,
                is_active, retry_count, timeout_seconds, sealed_secret, created_at, updated_at, failing_since)
            SELECT tenant_id, id, 'Loja', 'https://example.com', '', '{}', '{}', '', n % 10 <> 5, 9, 15, '', at, at,
                CASE WHEN n % 10 = 3 THEN at END
            FROM crowd;
        INSERT INTO webhooks.message (tenant_id, event_id, type, body, created_at)
            SELECT tenant_id, id, 'message_received', '{}', at FROM crowd;
        INSERT INTO webhooks.delivery (tenant_id, endpoint_id, event_id, state, attempts, created_at)
            SELECT tenant_id, CASE n % 2 WHEN 0 THEN id(1) ELSE id(1 + n % 1000) END, id,
                CASE WHEN n % 2000 = 4 THEN 'held' WHEN n % 2000 = 6 THEN 'pending' WHEN n / 2 % 10 = 0 THEN 'failed'
                    ELSE 'succeeded' END, 1, at
            FROM crowd;
        INSERT INTO webhooks.attempt (tenant_id, endpoint_id, event_id, number, trigger, url, started_at)
            SELECT tenant_id, CASE n % 2 WHEN 0 THEN id(1) ELSE id(1 + n % 1000) END, id, number, 'automatic', '', at
            FROM crowd, generate_series(1, 2) AS number;
        INSERT INTO webhooks.replay (tenant_id, id, endpoint_id, is_release, since, total, cursor, until, created_at,
                finished_at)
            SELECT tenant_id, id, id(1), false, at, 1, id, id, at, CASE WHEN n % 1000 > 0 THEN at END FROM crowd;
        INSERT INTO webhooks.signing_key (tenant_id, generation, public_key, sealed_key, signs_from)
            SELECT '00000000-0000-0000-0000-000000000000', n, '', '', now() - (100 - n) * interval '90 days'
            FROM generate_series(1, 100) AS n;
        """

    /// Half of the ledger is of agent 1.
    private static let analytics = """
        INSERT INTO analytics.usage_key (tenant_id, source, event_key, meter, payload_sha256, event_id)
            SELECT tenant_id, 'message', id::text, 'message.in', sha256(''), id FROM crowd;
        INSERT INTO analytics.usage_event (tenant_id, meter, occurred_at, event_id, source, event_key, quantity,
                agent_id, conversation_id, metric_version)
            SELECT tenant_id,
                (ARRAY['conversation.started', 'message.in', 'message.out', 'tokens.input', 'tokens.output',
                    'conversion', 'answer.timing.total', 'storage.bytes'])[1 + n % 8],
                at, id, 'message', id::text, 1, CASE n / 8 % 2 WHEN 0 THEN id(1) ELSE id(1 + n % 1000) END, id, 1
            FROM crowd;
        """
}
