-- What goes on by jobs that each enqueue the next, and is looked after once an hour in case one was given up: replays that
-- have not ended, and probes of endpoints that we disabled.
CREATE INDEX replay_unfinished ON webhooks.replay (tenant_id, id) WHERE finished_at IS NULL;
CREATE INDEX endpoint_probed ON webhooks.endpoint (tenant_id, next_probe_at) WHERE disabled_reason = 'failing';
GRANT SELECT (disabled_reason, next_probe_at) ON webhooks.endpoint TO agentes_worker;
