-- A list of one state reads that state alone, however many deliveries are in another.
CREATE INDEX delivery_state ON webhooks.delivery (tenant_id, endpoint_id, state, event_id);
-- What is released, and what a probe sends: few, where many have failed.
CREATE INDEX delivery_waiting ON webhooks.delivery (tenant_id, endpoint_id, event_id) WHERE state IN ('pending', 'held');
