-- What organisations may do, and what they did of it: plans, what was agreed with one organisation, and the counts that
-- hard quotas are held against.

-- Limits are one flat object. What it does not name, or names null, is the installation's default; of quotas there is
-- none by default.
--
--   <class>_per_minute           requests of the whole organisation; class: read, write, chat, upload
--   <class>_per_minute_of_user   requests of each user or API key
--   concurrent_answers           answers being made at once
--   monthly_messages             answers a calendar month (UTC); failed and interrupted ones do not count
--   monthly_tokens               of prompts and answers, a calendar month (UTC)
--   storage_bytes                of the documents there are, as they were sent
CREATE FUNCTION tenancy.are_limits(limits jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_typeof(limits) = 'object' AND NOT EXISTS (
        SELECT FROM jsonb_each(CASE jsonb_typeof(limits) WHEN 'object' THEN limits END)
        WHERE NOT CASE
            WHEN key ~ '^(read|write|chat|upload)_per_minute(_of_user)?$'
                THEN value::text ~ '^(null|[1-9][0-9]{0,6})$'
            WHEN key IN ('concurrent_answers', 'monthly_messages', 'monthly_tokens', 'storage_bytes')
                THEN value::text ~ '^(null|[0-9]{1,15})$'
            ELSE false
        END
    );

-- Platform data, the same for every tenant, so without row-level security.
CREATE TABLE tenancy.plan (
    name text PRIMARY KEY,
    limits jsonb NOT NULL DEFAULT '{}' CHECK (tenancy.are_limits(limits))
);
GRANT SELECT ON tenancy.plan TO agentes_app;
INSERT INTO tenancy.plan (name) SELECT 'free' UNION SELECT plan FROM tenancy.organization;

-- An organisation's own limits stand before its plan's, each for itself:
--   UPDATE tenancy.organization SET plan = 'pro', limits = '{"monthly_tokens": 5000000}' WHERE clerk_id = 'org_…';
-- as the administrator; every server goes by it within 5 s.
ALTER TABLE tenancy.organization
    ADD COLUMN limits jsonb NOT NULL DEFAULT '{}' CHECK (tenancy.are_limits(limits)),
    ADD FOREIGN KEY (plan) REFERENCES tenancy.plan (name);

-- What counts against the quotas of a month. An answer under way counts with the most that it can take, until it ends.
CREATE TABLE tenancy.monthly_use (
    tenant_id uuid NOT NULL,
    -- The first day, UTC: a zone of the tenant's own could be changed to renew a quota.
    month date NOT NULL,
    messages bigint NOT NULL CHECK (messages >= 0),
    tokens bigint NOT NULL CHECK (tokens >= 0),
    PRIMARY KEY (tenant_id, month)
) WITH (fillfactor = 50);
ALTER TABLE tenancy.monthly_use ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.monthly_use FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.monthly_use TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.monthly_use TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON tenancy.monthly_use TO agentes_app;

-- Bytes of the documents that there are.
CREATE TABLE tenancy.storage_use (
    tenant_id uuid PRIMARY KEY,
    bytes bigint NOT NULL CHECK (bytes >= 0)
) WITH (fillfactor = 50);
ALTER TABLE tenancy.storage_use ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.storage_use FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.storage_use TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.storage_use TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON tenancy.storage_use TO agentes_app;

-- Runs and documents are counted by triggers, in the transaction of whoever changes their state: no way to end a run or
-- to delete a document can forget to give back what it held. Each count is one row of a tenant, so its transactions wait
-- for each other there, and what a count says after a change is exact until the commit.

-- The most tokens that an answer may take.
ALTER TABLE agents.run ADD COLUMN reserved_tokens integer NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0);

CREATE FUNCTION agents.reserve_use() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        INSERT INTO tenancy.monthly_use AS used (tenant_id, month, messages, tokens)
        VALUES (NEW.tenant_id, date_trunc('month', NEW.started_at AT TIME ZONE 'UTC'), 1, NEW.reserved_tokens)
        ON CONFLICT (tenant_id, month) DO UPDATE
            SET messages = used.messages + 1, tokens = used.tokens + excluded.tokens;
        RETURN NULL;
    END $$;
CREATE TRIGGER reserve_use AFTER INSERT ON agents.run FOR EACH ROW EXECUTE FUNCTION agents.reserve_use();

CREATE FUNCTION agents.settle_use() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE tenancy.monthly_use
        SET messages = messages - CASE WHEN NEW.state IN ('completed', 'cancelled') THEN 0 ELSE 1 END,
            tokens = tokens - NEW.reserved_tokens + coalesce(
                NEW.input_tokens::bigint + NEW.cached_tokens + NEW.cache_write_tokens + NEW.output_tokens, 0
            )
        WHERE tenant_id = NEW.tenant_id AND month = date_trunc('month', NEW.started_at AT TIME ZONE 'UTC')::date;
        RETURN NULL;
    END $$;
-- Deferred to the commit, so that the row is locked for no longer.
CREATE CONSTRAINT TRIGGER settle_use AFTER UPDATE ON agents.run
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state = 'running' AND NEW.state <> 'running') EXECUTE FUNCTION agents.settle_use();

INSERT INTO tenancy.monthly_use (tenant_id, month, messages, tokens)
    SELECT tenant_id, date_trunc('month', started_at AT TIME ZONE 'UTC'),
        count(*) FILTER (WHERE state NOT IN ('failed', 'interrupted')),
        coalesce(sum(input_tokens::bigint + cached_tokens + cache_write_tokens + output_tokens), 0)
    FROM agents.run
    GROUP BY 1, 2;

-- A document takes storage from when it is accepted until it is deleted or has failed.
CREATE FUNCTION knowledge.takes_storage(status text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN status IN ('queued', 'extracting', 'embedding', 'ready');

CREATE FUNCTION knowledge.count_storage() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF knowledge.takes_storage(NEW.status) THEN
            INSERT INTO tenancy.storage_use AS used (tenant_id, bytes) VALUES (NEW.tenant_id, NEW.byte_count)
            ON CONFLICT (tenant_id) DO UPDATE SET bytes = used.bytes + excluded.bytes;
        ELSE
            UPDATE tenancy.storage_use SET bytes = bytes - OLD.byte_count WHERE tenant_id = NEW.tenant_id;
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER count_storage AFTER UPDATE ON knowledge.document
    FOR EACH ROW WHEN (knowledge.takes_storage(OLD.status) <> knowledge.takes_storage(NEW.status))
    EXECUTE FUNCTION knowledge.count_storage();

INSERT INTO tenancy.storage_use (tenant_id, bytes)
    SELECT tenant_id, sum(byte_count) FROM knowledge.document
    WHERE knowledge.takes_storage(status)
    GROUP BY tenant_id;

-- Of a document that failed nothing is read any more: what it stored is removed, as a deleted one's is.
UPDATE knowledge.document SET is_purge_due = true WHERE status = 'failed';
