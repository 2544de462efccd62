-- Agents, and what is said with them: conversations, messages, the runs that make the answers, and the conversions
-- that came of it.
--
-- A deleted agent, conversation or message keeps its shell (ids, kind, times), blanked, so that what was counted can
-- still be proven.
CREATE SCHEMA agents;
GRANT USAGE ON SCHEMA agents TO agentes_app, agentes_worker;

CREATE TABLE agents.agent (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    system_prompt text NOT NULL,
    model_id text NOT NULL REFERENCES models.model (id),
    temperature double precision NOT NULL CHECK (temperature BETWEEN 0 AND 2),
    max_tokens integer NOT NULL CHECK (max_tokens BETWEEN 1 AND 8192),
    tools jsonb NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('public', 'private')),
    knowledge_base_id uuid,
    interface_config jsonb NOT NULL,
    goals jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, knowledge_base_id) REFERENCES knowledge.base (tenant_id, id)
        ON DELETE SET NULL (knowledge_base_id)
);
CREATE INDEX agent_newest ON agents.agent (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX agent_knowledge_base ON agents.agent (tenant_id, knowledge_base_id) WHERE knowledge_base_id IS NOT NULL;
ALTER TABLE agents.agent ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents.agent FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents.agent TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON agents.agent TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON agents.agent TO agentes_app;

CREATE TABLE agents.conversation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    agent_id uuid NOT NULL,
    -- Where the visitor writes from: dashboard, api, widget.
    channel text NOT NULL,
    title text,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'resolved', 'human_requested')),
    metadata jsonb NOT NULL DEFAULT '{}',
    -- Who writes, and where they came from, as the caller told: personal data.
    end_user jsonb,
    attribution jsonb,
    -- The place of the next message. Taking it locks the row, which puts the conversation's writers in order.
    next_seq integer NOT NULL DEFAULT 1 CHECK (next_seq > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents.agent (tenant_id, id)
);
CREATE INDEX conversation_newest ON agents.conversation (tenant_id, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX conversation_newest_of_agent ON agents.conversation (tenant_id, agent_id, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
-- Those that wait for a person are few among many: without these a list of them reads nearly all.
CREATE INDEX conversation_newest_in_status ON agents.conversation (tenant_id, status, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;
CREATE INDEX conversation_newest_of_agent_in_status
    ON agents.conversation (tenant_id, agent_id, status, created_at DESC, id DESC) WHERE deleted_at IS NULL;
ALTER TABLE agents.conversation ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents.conversation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents.conversation TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON agents.conversation TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON agents.conversation TO agentes_app;

CREATE TABLE agents.message (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- From 1, without gaps, in the order of the conversation.
    seq integer NOT NULL CHECK (seq > 0),
    role text NOT NULL CHECK (role IN ('user', 'assistant')),
    content text NOT NULL,
    -- History that the caller brought along: neither answered nor counted.
    is_imported boolean NOT NULL,
    -- The run that wrote it; NULL for what we did not write.
    run_id uuid,
    -- What the answer was told of the knowledge base, as it was shown.
    sources jsonb NOT NULL DEFAULT '[]',
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, conversation_id, seq),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES agents.conversation (tenant_id, id)
);
ALTER TABLE agents.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents.message FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents.message TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON agents.message TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (content, sources, metadata) ON agents.message TO agentes_app;

-- The making of one answer. It belongs to the process that began it (its claim) for as long as that process renews the
-- lease; every write to it is conditional on the claim, so a process that was given up for dead changes nothing.
CREATE TABLE agents.run (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    user_message_id uuid NOT NULL,
    -- Allotted at the start; the message is there once the run is completed, or cancelled with part of an answer.
    answer_message_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'completed', 'failed', 'interrupted', 'cancelled')),
    claim uuid NOT NULL,
    lease_until timestamptz NOT NULL,
    cancel_requested_at timestamptz,
    provider text NOT NULL,
    model_id text NOT NULL REFERENCES models.model (id),
    temperature double precision NOT NULL,
    -- What came of an answer that did not become a message.
    partial_answer text,
    -- The ledger's four disjoint meters; NULL where it is not known what was spent.
    input_tokens integer CHECK (input_tokens >= 0),
    cached_tokens integer CHECK (cached_tokens >= 0),
    cache_write_tokens integer CHECK (cache_write_tokens >= 0),
    output_tokens integer CHECK (output_tokens >= 0),
    is_usage_estimated boolean,
    -- NULL where the model has no price.
    cost numeric,
    cost_currency text CHECK (cost_currency ~ '^[A-Z]{3}$'),
    finish_reason text,
    error_code text,
    -- Milliseconds from the start to the first word and to the end of the answer.
    ttft_ms integer CHECK (ttft_ms >= 0),
    total_ms integer CHECK (total_ms >= 0),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES agents.conversation (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents.agent (tenant_id, id),
    FOREIGN KEY (tenant_id, user_message_id) REFERENCES agents.message (tenant_id, id),
    CHECK ((state = 'running') = (finished_at IS NULL)),
    CHECK ((cost IS NULL) = (cost_currency IS NULL)),
    CHECK (num_nulls(input_tokens, cached_tokens, cache_write_tokens, output_tokens, is_usage_estimated) IN (0, 5))
);
-- A conversation answers one message at a time.
CREATE UNIQUE INDEX run_running ON agents.run (tenant_id, conversation_id) WHERE state = 'running';
CREATE INDEX run_of_conversation ON agents.run (tenant_id, conversation_id, started_at DESC);
-- For the two loops that look across tenants: renewing a process's leases, and finding those that ran out.
CREATE INDEX run_lease ON agents.run (lease_until) WHERE state = 'running';
CREATE INDEX run_claim ON agents.run (claim) WHERE state = 'running';
ALTER TABLE agents.message ADD FOREIGN KEY (tenant_id, run_id) REFERENCES agents.run (tenant_id, id);
ALTER TABLE agents.run ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents.run FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents.run TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON agents.run TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON agents.run TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON agents.run TO agentes_app;
GRANT SELECT (tenant_id, id, state, claim, lease_until, cancel_requested_at), UPDATE (lease_until)
    ON agents.run TO agentes_worker;

CREATE TABLE agents.conversion (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    value numeric,
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    occurred_at timestamptz NOT NULL,
    -- The caller's name for this conversion: the same one again is the same conversion.
    dedupe_key text,
    -- Of everything the caller said of it.
    payload_sha256 bytea NOT NULL CHECK (length(payload_sha256) = 32),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, dedupe_key),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES agents.conversation (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents.agent (tenant_id, id),
    CHECK ((value IS NULL) = (currency IS NULL))
);
CREATE INDEX conversion_newest ON agents.conversion (tenant_id, created_at DESC, id DESC);
ALTER TABLE agents.conversion ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents.conversion FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents.conversion TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON agents.conversion TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON agents.conversion TO agentes_app;

-- What the ledger must agree with, row by row.
CREATE VIEW agents.billable (tenant_id, event_key, meter, quantity, occurred_at) WITH (security_invoker = true) AS
    SELECT tenant_id, id::text, 'conversation.started', 1::numeric, created_at FROM agents.conversation
    UNION ALL
    SELECT tenant_id, id::text, CASE role WHEN 'user' THEN 'message.in' ELSE 'message.out' END, 1, created_at
    FROM agents.message WHERE NOT is_imported
    UNION ALL
    SELECT run.tenant_id, run.id::text, meter, quantity, run.finished_at
    FROM agents.run
    CROSS JOIN LATERAL (VALUES
        ('tokens.input', run.input_tokens), ('tokens.cached', run.cached_tokens),
        ('tokens.cache_write', run.cache_write_tokens), ('tokens.output', run.output_tokens)
    ) AS spent (meter, quantity)
    WHERE quantity > 0
    UNION ALL
    SELECT tenant_id, id::text, 'conversion', 1, occurred_at FROM agents.conversion;
GRANT SELECT ON agents.billable TO agentes_app;
