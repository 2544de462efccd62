-- The keys with which an organisation's servers call the API. What a key proves is in its text alone: of that only the
-- hash is here, with the prefix under which it is found.
CREATE TABLE tenancy.api_key (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    -- Drawn at random, 8 characters of base62; shown in lists, so that people know a key again.
    prefix text NOT NULL,
    -- SHA-256 of the key's whole text, which has 196 random bits: no salt and no slow hash is needed.
    key_sha256 bytea NOT NULL CHECK (octet_length(key_sha256) = 32),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    -- The only agents that it reaches; NULL: all.
    agent_ids uuid[] CHECK (cardinality(agent_ids) > 0),
    -- Its own limit instead of the installation's.
    requests_per_minute integer CHECK (requests_per_minute > 0),
    -- Refused when this user is no longer let in.
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    -- At most a minute behind.
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    revoked_reason text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, prefix),
    FOREIGN KEY (tenant_id, created_by) REFERENCES tenancy.member (tenant_id, user_id),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX api_key_newest ON tenancy.api_key (tenant_id, created_at DESC, id DESC);
ALTER TABLE tenancy.api_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenancy.api_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy.api_key TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON tenancy.api_key TO agentes_owner USING (true) WITH CHECK (true);
-- What a key may do is decided once: of a key that exists only its use and its end can be written.
GRANT SELECT, INSERT ON tenancy.api_key TO agentes_app;
GRANT UPDATE (last_used_at, revoked_at, revoked_by, revoked_reason) ON tenancy.api_key TO agentes_app;
