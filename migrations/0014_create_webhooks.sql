-- Outgoing webhooks: where a tenant's events are sent, what of each was sent there, and what came back.
--
--   relay ─ message + delivery (pending) + job ─ commit ─► attempt ─ commit ─► socket ─► attempt's outcome + delivery
--
-- A delivery is of one event to one endpoint; its id is the event's. No foreign keys among these tables: the relay writes
-- thousands of rows at once, a key check would lock the endpoint for each of them, and what belongs to a deleted endpoint
-- is found by nobody and forgotten with its age.
CREATE SCHEMA webhooks;
GRANT USAGE ON SCHEMA webhooks TO agentes_app, agentes_worker;

CREATE TABLE webhooks.endpoint (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    -- Which events it gets: names, `prefix_*`, `*`; empty: all.
    event_types text[] NOT NULL,
    -- Headers of the tenant's own may hold credentials: only their names can be read.
    header_names text[] NOT NULL,
    sealed_headers bytea NOT NULL,
    -- As its owner wants it; what we think of it stands below.
    is_active boolean NOT NULL,
    retry_count smallint NOT NULL CHECK (retry_count BETWEEN 0 AND 9),
    timeout_seconds smallint NOT NULL CHECK (timeout_seconds BETWEEN 1 AND 15),
    -- Sends a second; NULL for no limit.
    rate integer CHECK (rate > 0),
    sealed_secret bytea NOT NULL,
    -- Signs beside the other until then.
    previous_secret bytea,
    previous_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- Since when no attempt has succeeded; NULL where the last one did.
    failing_since timestamptz,
    -- At most a minute behind.
    last_success_at timestamptz,
    -- Disabled by us: the receiver said that it is gone, or it has failed for too long.
    disabled_at timestamptz,
    disabled_reason text CHECK (disabled_reason IN ('gone', 'failing')),
    -- The probe that is to come; one of another number is over.
    probe integer NOT NULL DEFAULT 0,
    next_probe_at timestamptz,
    -- The rate's next free turn.
    next_send_at timestamptz NOT NULL DEFAULT now(),
    -- Until when the receiver asked to be left alone.
    rest_until timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
) WITH (fillfactor = 80);
ALTER TABLE webhooks.endpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks.endpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks.endpoint TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON webhooks.endpoint TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON webhooks.endpoint TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.endpoint TO agentes_app;
-- The relay asks who listens.
GRANT SELECT (tenant_id, id, event_types, is_active, disabled_at, failing_since) ON webhooks.endpoint TO agentes_worker;

-- What receivers are sent of an event, byte for byte, at every attempt.
CREATE TABLE webhooks.message (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX message_age ON webhooks.message (created_at);
ALTER TABLE webhooks.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks.message FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks.message TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON webhooks.message TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON webhooks.message TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON webhooks.message TO agentes_app;
GRANT SELECT, INSERT, DELETE ON webhooks.message TO agentes_worker;

CREATE TABLE webhooks.delivery (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    -- Held: goes out once its endpoint is enabled again.
    state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed', 'held')),
    -- Sending it again by hand, by a replay or by a probe begins a new round of the schedule; a job of an older round is
    -- over.
    round integer NOT NULL DEFAULT 0,
    -- Attempts of this round that have failed.
    step smallint NOT NULL DEFAULT 0,
    -- Attempts of all rounds that were begun.
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    -- Its turn among all that goes to an endpoint with a rate.
    turn_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, endpoint_id, event_id)
) WITH (fillfactor = 85);
-- Ids are in the order of time, so the primary key is the list, newest first; this one is for what did not arrive.
CREATE INDEX delivery_unsuccessful ON webhooks.delivery (tenant_id, endpoint_id, event_id) WHERE state <> 'succeeded';
CREATE INDEX delivery_age ON webhooks.delivery (created_at);
ALTER TABLE webhooks.delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks.delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks.delivery TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON webhooks.delivery TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON webhooks.delivery TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON webhooks.delivery TO agentes_app;
GRANT SELECT, INSERT, DELETE ON webhooks.delivery TO agentes_worker;

-- Every attempt, written and committed before its socket is opened: what a receiver saw is here, whatever crashed.
CREATE TABLE webhooks.attempt (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    number integer NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('automatic', 'manual', 'replay', 'test', 'probe')),
    -- Unknown while it is under way, and for ever where its process was lost.
    outcome text NOT NULL DEFAULT 'unknown' CHECK (outcome IN ('unknown', 'succeeded', 'failed')),
    url text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    duration_ms integer,
    status smallint,
    -- Why there is no response.
    error text,
    -- The address that answered.
    address text,
    response_headers jsonb,
    -- As much of it as is kept.
    response_body bytea CHECK (octet_length(response_body) <= 16384),
    is_body_cut boolean,
    PRIMARY KEY (tenant_id, endpoint_id, event_id, number)
);
ALTER TABLE webhooks.attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks.attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks.attempt TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON webhooks.attempt TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON webhooks.attempt TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON webhooks.attempt TO agentes_app;
GRANT SELECT, DELETE ON webhooks.attempt TO agentes_worker;

-- Sending again what did not arrive: counted before it begins, then done in pages, each of which says how far it came.
CREATE TABLE webhooks.replay (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    -- Of the system where an endpoint was enabled again: then only what was held.
    is_release boolean NOT NULL,
    since timestamptz NOT NULL,
    total integer NOT NULL,
    enqueued integer NOT NULL DEFAULT 0,
    -- The last event that was looked at, and the last one that it concerns.
    cursor uuid NOT NULL,
    until uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX replay_age ON webhooks.replay (created_at);
ALTER TABLE webhooks.replay ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks.replay FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks.replay TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON webhooks.replay TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON webhooks.replay TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON webhooks.replay TO agentes_app;
GRANT SELECT, DELETE ON webhooks.replay TO agentes_worker;

-- The platform's own key pairs, one after the other: under the nil tenant, as all rows of the system.
CREATE TABLE webhooks.signing_key (
    tenant_id uuid NOT NULL,
    generation integer NOT NULL,
    public_key text NOT NULL,
    sealed_key bytea NOT NULL,
    -- Published some time before, so that receivers know it by then.
    signs_from timestamptz NOT NULL,
    -- NULL for the newest.
    published_until timestamptz,
    PRIMARY KEY (tenant_id, generation)
);
ALTER TABLE webhooks.signing_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks.signing_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks.signing_key TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON webhooks.signing_key TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON webhooks.signing_key TO agentes_app;
