-- Who may no longer come in, although a token or a key still proves who they are.
--
-- The rows decide: tenancy.organization and tenancy.member, and here, for all tenants at once, tenancy.user_account and
-- tenancy.ended_session. tenancy.revocation only tells every process that one of them has changed.

-- A person as Clerk has it, whatever organisations it is in: platform data without a tenant, so without row-level
-- security. No row: Clerk has told nothing of it, and nothing speaks against it.
CREATE TABLE tenancy.user_account (
    -- Clerk's, `user_…`.
    user_id text PRIMARY KEY,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'banned', 'deleted')),
    -- The version that this row is at, as in tenancy.organization.
    clerk_updated_at timestamptz NOT NULL DEFAULT '-infinity',
    clerk_event_at timestamptz NOT NULL DEFAULT '-infinity',
    clerk_body_sha256 bytea NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON tenancy.user_account TO agentes_app;
GRANT SELECT, INSERT, UPDATE ON tenancy.user_account TO agentes_worker;

-- A session of Clerk's that was signed out or revoked: its tokens are refused for the rest of their life. Kept for
-- longer than any token lives.
CREATE TABLE tenancy.ended_session (
    -- Clerk's, `sess_…`.
    session_id text PRIMARY KEY,
    ended_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ended_session_age ON tenancy.ended_session (ended_at);
GRANT SELECT ON tenancy.ended_session TO agentes_app;
GRANT SELECT, INSERT, DELETE ON tenancy.ended_session TO agentes_worker;

-- Told to every process, which looks for new rows every two seconds: append-only, written in the transaction of the
-- change, deleted when nobody looks that far back any more. What concerns a person or a session in all organisations
-- has the nil uuid.
CREATE TABLE tenancy.revocation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('organization', 'member', 'user', 'api_key', 'session')),
    -- The id of what was revoked; empty for the organisation, which the tenant is.
    subject text NOT NULL,
    -- By this server's clock, which all processes share.
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX revocation_age ON tenancy.revocation (created_at);
ALTER TABLE tenancy.revocation ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.revocation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.revocation TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON tenancy.revocation TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON tenancy.revocation TO agentes_owner USING (true) WITH CHECK (true);
GRANT INSERT ON tenancy.revocation TO agentes_app;
GRANT SELECT, INSERT, DELETE ON tenancy.revocation TO agentes_worker;

-- Events of no organisation are stored in the transaction that applies them, which is the worker's: it sees those, and
-- no tenant's.
CREATE POLICY worker ON tenancy.clerk_event TO agentes_worker
    USING (tenant_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (tenant_id = '00000000-0000-0000-0000-000000000000');
GRANT SELECT, INSERT ON tenancy.clerk_event TO agentes_worker;
