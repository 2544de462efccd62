-- Who did what in an organisation, from where: written in the transaction of its effect, never changed.
--
-- Nobody who serves has more than INSERT and SELECT, and the worker has nothing.
CREATE TABLE tenancy.audit_entry (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'clerk', 'operator', 'system')),
    -- Clerk's user, the key, Svix's id of a delivery, the operator's name, the system's part.
    actor_id text NOT NULL,
    -- What was done to what: `agent.updated`.
    action text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    target_id text NOT NULL,
    -- NULL where nothing came over the network.
    address text,
    request_id uuid,
    -- Names of what changed, never what it was or is.
    details jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(details) <= 4096),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_entry_time ON tenancy.audit_entry (tenant_id, occurred_at, id);
CREATE INDEX audit_entry_action ON tenancy.audit_entry (tenant_id, action, occurred_at, id);
CREATE INDEX audit_entry_actor ON tenancy.audit_entry (tenant_id, actor_id, occurred_at, id);
CREATE INDEX audit_entry_target ON tenancy.audit_entry (tenant_id, target_id, occurred_at, id);
ALTER TABLE tenancy.audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.audit_entry TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.audit_entry TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON tenancy.audit_entry TO agentes_app;
