-- A job for later waits in a state of its own, and not in its lane: a claim looks at every lane, and of 100,000 tenants that
-- each had one retry due in some hours it looked at every one (1 s). Whoever works moves what has become due, in the order of
-- its time; a job is in one state at a time, so it is due, for later, or running, whoever crashes when.
--
--   enqueued or put back for later ─ scheduled ─ its time has come ─► available
ALTER TABLE jobs.job DROP CONSTRAINT job_state_check;
ALTER TABLE jobs.job ADD CONSTRAINT job_state_check CHECK (state IN ('scheduled', 'available', 'running'));

CREATE INDEX job_scheduled ON jobs.job (run_at) WHERE state = 'scheduled';

-- What a server from before still puts into a lane for later is claimed when it is due, as it was.
UPDATE jobs.job SET state = 'scheduled' WHERE state = 'available' AND run_at > now();
