-- What happened: each business fact with its payload, written in the transaction of its effect, and the one order in
-- which everybody hears of it.
--
--   a writer's transaction ─ event + pending ─ commit ─► the relay takes pending, gives positions ─► log
--
-- No foreign keys among the three: one statement writes event and pending, the relay moves pending to log, and a key
-- check would lock (so rewrite) each event a second time.
CREATE SCHEMA events;
GRANT USAGE ON SCHEMA events TO agentes_app, agentes_worker;

CREATE TABLE events.event (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    -- Whom it is for: the tenant's dashboard and webhooks, or only our own processes.
    audience text NOT NULL CHECK (audience IN ('tenant', 'internal')),
    -- The JSON of the event's `data`, byte for byte as every reader sends it.
    payload text NOT NULL,
    agent_id uuid,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE events.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events.event TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON events.event TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON events.event TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON events.event TO agentes_app;
GRANT SELECT ON events.event TO agentes_worker;

-- Committed events that have no position yet. Rows live for a fraction of a second.
CREATE TABLE events.pending (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    -- Of the whole transaction, also inside savepoints.
    ingest_txn bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    -- The order within the transaction.
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, event_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX pending_order ON events.pending (ingest_txn, ordinal);
ALTER TABLE events.pending ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.pending FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events.pending TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON events.pending TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON events.pending TO agentes_owner USING (true) WITH CHECK (true);
GRANT INSERT ON events.pending TO agentes_app;
GRANT SELECT, DELETE ON events.pending TO agentes_worker;

-- One sequence for all tenants, drawn from only by the relay under its lock. It has no cache: a cached block would let
-- the next relay's session draw lower positions than this one's.
CREATE SEQUENCE events.log_position AS bigint CACHE 1;
GRANT USAGE ON SEQUENCE events.log_position TO agentes_worker;

-- The order of all events. Whoever trims it deletes the lowest positions first and always keeps the highest one: a
-- reader tells by the row of its cursor whether anything after it is gone.
CREATE TABLE events.log (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL DEFAULT nextval('events.log_position'),
    event_id uuid NOT NULL,
    relayed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, position)
);
CREATE INDEX log_order ON events.log (position);
ALTER TABLE events.log ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events.log TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON events.log TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON events.log TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT ON events.log TO agentes_app;
GRANT SELECT, INSERT ON events.log TO agentes_worker;
