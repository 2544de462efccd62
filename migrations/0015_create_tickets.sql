-- Tickets of the live stream: what a page's EventSource, which cannot send headers, has in its URL instead of a token. One
-- is to be used within a minute; its first use makes it the pass of one connection at a time, for half a day.
CREATE TABLE tenancy.ticket (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- Drawn at random, 8 characters of base62, by which it is found.
    prefix text NOT NULL,
    -- SHA-256 of the ticket's whole text, which has 131 random bits.
    ticket_sha256 bytea NOT NULL CHECK (octet_length(ticket_sha256) = 32),
    -- Whose it is: refused when this user, or this session of Clerk's, is no longer let in.
    user_id text NOT NULL,
    session_id text,
    -- The only events that it shows: of these types, about this agent; NULL: all.
    event_types text[] CHECK (cardinality(event_types) > 0),
    agent_id uuid,
    -- By this server's clock, as everything that depends on it.
    created_at timestamptz NOT NULL DEFAULT now(),
    first_used_at timestamptz,
    -- The connection that is open, and the newest one that asked to be: while they differ, the older is being closed.
    connection_id uuid,
    claimant_id uuid,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, prefix),
    FOREIGN KEY (tenant_id, user_id) REFERENCES tenancy.member (tenant_id, user_id)
);
CREATE INDEX ticket_age ON tenancy.ticket (created_at);
ALTER TABLE tenancy.ticket ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.ticket FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.ticket TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON tenancy.ticket TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON tenancy.ticket TO agentes_owner USING (true) WITH CHECK (true);
-- Whose it is, and what it shows, is decided once.
GRANT SELECT, INSERT ON tenancy.ticket TO agentes_app;
GRANT UPDATE (first_used_at, connection_id, claimant_id) ON tenancy.ticket TO agentes_app;
-- Those that nobody can use any more.
GRANT SELECT, DELETE ON tenancy.ticket TO agentes_worker;

-- A connection of a pass is told to close as those of somebody who is no longer let in: another server has a newer one.
ALTER TABLE tenancy.revocation DROP CONSTRAINT revocation_kind_check;
ALTER TABLE tenancy.revocation ADD CONSTRAINT revocation_kind_check
    CHECK (kind IN ('organization', 'member', 'user', 'api_key', 'session', 'connection'));
