-- What a tool is called with, and a lead that it captures, goes to an endpoint too: with a secret, attempts and retries as any
-- other. But people do not see it under /webhooks, no event matches it, and it counts in no limit of theirs.
ALTER TABLE webhooks.endpoint
    ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'events' CHECK (kind IN ('events', 'tool'));
-- For the relay and the lists, which so read no tools, however many there are.
CREATE INDEX endpoint_events ON webhooks.endpoint (tenant_id, id) WHERE kind = 'events';
GRANT SELECT (kind) ON webhooks.endpoint TO agentes_worker;
