-- What a tool is called with, and a lead that it captures, goes to an endpoint too: with a secret, attempts and retries as any
-- other. But people do not see it under /webhooks, no event matches it, and it counts in no limit of theirs.
ALTER TABLE webhooks.endpoint
    ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'events' CHECK (kind IN ('events', 'tool'));
-- For the relay and the lists, which so read no tools, however many there are.
CREATE INDEX endpoint_events ON webhooks.endpoint (tenant_id, id) WHERE kind = 'events';
GRANT SELECT (kind) ON webhooks.endpoint TO agentes_worker;

-- What an event is about, such as its conversation. An endpoint may want the events of each subject one after the other: the
-- next is not sent before those ahead of it have arrived, or failed for good.
ALTER TABLE events.event ADD COLUMN subject_id uuid;
ALTER TABLE webhooks.endpoint ADD COLUMN ordering_key text COLLATE "C" CHECK (ordering_key IN ('subject'));
GRANT SELECT (ordering_key) ON webhooks.endpoint TO agentes_worker;

ALTER TABLE webhooks.delivery
    -- The event's subject, where its endpoint wanted an order when the relay took it; and the event's position in the log,
    -- which is the order. A delivery that is pending, and has no next attempt, stands behind another.
    ADD COLUMN ordering_key uuid,
    ADD COLUMN position bigint;
-- Those that others may stand behind.
CREATE INDEX delivery_ahead ON webhooks.delivery (tenant_id, endpoint_id, ordering_key, position)
    WHERE ordering_key IS NOT NULL AND state IN ('pending', 'held');
