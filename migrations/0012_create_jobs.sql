-- Durable work: what must be done after a transaction has committed, survives whoever does it, and is done once.
--
--   a caller's transaction ─ jobs.job (available) ─ claim ─► running ─┬─ finished: jobs.finished
--                                ▲                                    ├─ given up: jobs.dead, until somebody retries it
--                                └── failed, put off, or its worker ──┘
--                                    was lost: available again
--
-- A job that runs belongs to whoever made its claim, for as long as the lease is renewed; every write to it is conditional
-- on the claim. All times are this server's. Jobs of the system itself have the nil uuid for a tenant.
CREATE SCHEMA jobs;
GRANT USAGE ON SCHEMA jobs TO agentes_app, agentes_worker;

-- The jobs that are still to be done, and no others: what ends leaves, so the table stays as small as the backlog. It is
-- vacuumed by the number of dead rows alone, and pages keep room for the renewal of leases, which changes no index.
CREATE TABLE jobs.job (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    state text COLLATE "C" NOT NULL DEFAULT 'available' CHECK (state IN ('available', 'running')),
    -- Lower comes first.
    priority smallint NOT NULL,
    -- Not before.
    run_at timestamptz NOT NULL,
    -- How often it was begun; a worker that was lost does not count.
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    maximum_attempts integer NOT NULL CHECK (maximum_attempts > 0),
    -- How often its worker was lost.
    crashes integer NOT NULL DEFAULT 0,
    -- Of the jobs of one kind and key one is here at a time.
    unique_key text,
    claim_id uuid,
    claimed_by text,
    lease_until timestamptz,
    -- Why the last attempt failed.
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CHECK (num_nulls(claim_id, claimed_by, lease_until) = CASE state WHEN 'running' THEN 0 ELSE 3 END)
) WITH (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_cost_delay = 0
);
-- A lane is what one tenant has of one kind at one priority. A claim steps from lane to lane, so it costs one look for each
-- lane, however long they are; a lane of an unknown kind is stepped over.
CREATE INDEX job_lane ON jobs.job (queue, tenant_id, priority, kind, run_at, id) WHERE state = 'available';
CREATE INDEX job_running ON jobs.job (queue, tenant_id) WHERE state = 'running';
CREATE UNIQUE INDEX job_unique ON jobs.job (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL;
ALTER TABLE jobs.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.job FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs.job TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON jobs.job TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON jobs.job TO agentes_owner USING (true) WITH CHECK (true);
-- The application enqueues, and ends a job in the transaction of its effect; whose turn it is, is the worker's to say.
GRANT SELECT, INSERT, DELETE ON jobs.job TO agentes_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.job TO agentes_worker;

-- Jobs that were given up: out of attempts, or lost with too many workers. Whole, so that they can be tried again.
CREATE TABLE jobs.dead (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    payload jsonb NOT NULL,
    priority smallint NOT NULL,
    attempt integer NOT NULL,
    maximum_attempts integer NOT NULL,
    crashes integer NOT NULL,
    unique_key text,
    failure text,
    created_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX dead_newest ON jobs.dead (tenant_id, died_at DESC, id DESC);
CREATE INDEX dead_age ON jobs.dead (died_at);
ALTER TABLE jobs.dead ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.dead FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs.dead TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON jobs.dead TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON jobs.dead TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, DELETE ON jobs.dead TO agentes_app;
-- Without a column that may be updated no row can be locked, and two people would retry one job twice.
GRANT UPDATE (died_at) ON jobs.dead TO agentes_app;
GRANT SELECT, INSERT, DELETE ON jobs.dead TO agentes_worker;

-- That a job is done, without what was in it. A day's go at once, with their partition.
CREATE TABLE jobs.finished (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('completed', 'discarded')),
    attempt integer NOT NULL,
    crashes integer NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, finished_at, id)
) PARTITION BY RANGE (finished_at);
ALTER TABLE jobs.finished ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.finished FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs.finished TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY worker ON jobs.finished TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON jobs.finished TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON jobs.finished TO agentes_app, agentes_worker;

-- The days' partitions from yesterday to `until`, at most a year ahead. Each is made apart and then attached, which waits
-- for no writer; nobody has a privilege on it, so its rows are reached through the whole table only.
CREATE FUNCTION jobs.ensure_partitions(until timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        first timestamp;
        partition text;
    BEGIN
        IF until > now() + interval '1 year' THEN
            RAISE EXCEPTION 'partitions are made at most a year ahead' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        -- Two callers at once would both find the day missing.
        PERFORM pg_advisory_xact_lock(hashtextextended('jobs.partitions', 0));
        FOR first IN
            SELECT generate_series(
                date_trunc('day', (now() - interval '1 day') AT TIME ZONE 'UTC'), until AT TIME ZONE 'UTC', '1 day'
            )
        LOOP
            partition := format('jobs.finished_%s', to_char(first, 'YYYYMMDD'));
            CONTINUE WHEN to_regclass(partition) IS NOT NULL;
            EXECUTE format('CREATE TABLE %s (LIKE jobs.finished INCLUDING ALL)', partition);
            EXECUTE format(
                'ALTER TABLE jobs.finished ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                partition, first AT TIME ZONE 'UTC', (first + interval '1 day') AT TIME ZONE 'UTC'
            );
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', partition);
            EXECUTE format('CREATE POLICY owner ON %s TO agentes_owner USING (true) WITH CHECK (true)', partition);
        END LOOP;
    END $$;
REVOKE EXECUTE ON FUNCTION jobs.ensure_partitions(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.ensure_partitions(timestamptz) TO agentes_worker;

-- Drops the partitions that end at `before` or earlier. Dropping one locks the table for everybody, so it gives up after a
-- second of waiting for that, and another time will do.
CREATE FUNCTION jobs.drop_partitions(before timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
    AS $$
    DECLARE
        partition regclass;
    BEGIN
        IF before > now() THEN
            RAISE EXCEPTION 'only days that are over are dropped' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('jobs.partitions', 0));
        FOR partition IN
            -- Materialized: other tables' partitions are named otherwise, and their names are no dates.
            WITH day AS MATERIALIZED (
                SELECT inhrelid::regclass AS relation, right(relname, 8) AS name
                FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = 'jobs.finished'::regclass
            )
            SELECT relation FROM day
            WHERE to_date(name, 'YYYYMMDD') + 1 <= (before AT TIME ZONE 'UTC')::date
        LOOP
            EXECUTE format('DROP TABLE %s', partition);
        END LOOP;
    END $$;
REVOKE EXECUTE ON FUNCTION jobs.drop_partitions(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.drop_partitions(timestamptz) TO agentes_worker;

DO $$ BEGIN PERFORM jobs.ensure_partitions(now() + interval '14 days'); END $$;

-- The moments at which a schedule was due, each written once by whichever process came first, in the statement that also
-- makes the job. The newest is where the schedule goes on.
CREATE TABLE jobs.tick (
    tenant_id uuid NOT NULL,
    schedule text NOT NULL,
    tick timestamptz NOT NULL,
    -- NULL where none was made: the schedule's beginning, and what was missed.
    job_id uuid,
    PRIMARY KEY (tenant_id, schedule, tick)
);
CREATE INDEX tick_age ON jobs.tick (tick);
ALTER TABLE jobs.tick ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.tick FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON jobs.tick TO agentes_worker USING (true) WITH CHECK (true);
CREATE POLICY owner ON jobs.tick TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON jobs.tick TO agentes_worker;
