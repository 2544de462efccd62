-- Who the tenants are: organisations, their members and settings, and what must happen only once.
--
-- Every table of tenant data: tenant_id first in every key, row-level security enabled and forced, one policy for each
-- role that may touch it. A policy compares with a scalar subquery, so the setting is read once a statement and the
-- comparison is served by the index; without a tenant it is NULL and no row is seen.
CREATE SCHEMA tenancy;
GRANT USAGE ON SCHEMA tenancy TO agentes_app, agentes_worker, agentes_search;

-- The tenant of the current transaction, NULL where none is set.
CREATE FUNCTION tenancy.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

CREATE TABLE tenancy.organization (
    tenant_id uuid PRIMARY KEY,
    clerk_id text NOT NULL,
    name text NOT NULL,
    slug text,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'deleted')),
    -- Made from a token's claims before Clerk's webhook told us of it.
    is_provisional boolean NOT NULL DEFAULT false,
    plan text NOT NULL DEFAULT 'free',
    -- The version that this row is at: Clerk's updated_at, then the webhook's own time, then its body's hash, so that
    -- any order of arrival ends in the same row.
    clerk_updated_at timestamptz NOT NULL DEFAULT '-infinity',
    clerk_event_at timestamptz NOT NULL DEFAULT '-infinity',
    clerk_body_sha256 bytea NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE tenancy.organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.organization TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.organization TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON tenancy.organization TO agentes_app;

CREATE TABLE tenancy.member (
    tenant_id uuid NOT NULL REFERENCES tenancy.organization (tenant_id),
    user_id text NOT NULL,
    -- NULL while the membership is known from a token only.
    clerk_membership_id text,
    role text NOT NULL,
    permissions text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'removed')),
    clerk_updated_at timestamptz NOT NULL DEFAULT '-infinity',
    clerk_event_at timestamptz NOT NULL DEFAULT '-infinity',
    clerk_body_sha256 bytea NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id)
);
ALTER TABLE tenancy.member ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.member FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.member TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.member TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON tenancy.member TO agentes_app;

-- A membership that Clerk deleted stays deleted for ever: a late or repeated event must not bring it back. Adding the
-- person again gives a new membership id.
CREATE TABLE tenancy.membership_tombstone (
    tenant_id uuid NOT NULL,
    clerk_membership_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, clerk_membership_id)
);
ALTER TABLE tenancy.membership_tombstone ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.membership_tombstone FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.membership_tombstone TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.membership_tombstone TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON tenancy.membership_tombstone TO agentes_app;

-- Clerk's webhooks as they came, each svix-id once. Events of no organisation have the nil uuid.
CREATE TABLE tenancy.clerk_event (
    tenant_id uuid NOT NULL,
    svix_id text NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, svix_id)
);
ALTER TABLE tenancy.clerk_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.clerk_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.clerk_event TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.clerk_event TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON tenancy.clerk_event TO agentes_app;

-- The first answer to a request that carried an Idempotency-Key, written in the transaction of its effect.
CREATE TABLE tenancy.idempotency_key (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    -- Of method, path and body.
    request_sha256 bytea NOT NULL,
    -- NULL only inside the transaction that is making the answer.
    status smallint,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
);
ALTER TABLE tenancy.idempotency_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.idempotency_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.idempotency_key TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.idempotency_key TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenancy.idempotency_key TO agentes_app;

-- What an organisation chose; a setting that is absent has its default.
CREATE TABLE tenancy.settings (
    tenant_id uuid PRIMARY KEY,
    chosen jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE tenancy.settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.settings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.settings TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.settings TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON tenancy.settings TO agentes_app;
