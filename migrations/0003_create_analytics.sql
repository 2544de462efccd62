-- The ledger: what counts, exactly once each, with ids only. It is append-only and the truth of billing.
CREATE SCHEMA analytics;
GRANT USAGE ON SCHEMA analytics TO agentes_app, agentes_worker;

-- Of which cluster the transaction ids in the ledger are, and what to add to them: after a restore into another
-- cluster, whose counter may be lower, new rows must still come after the old ones.
CREATE TABLE analytics.ledger_clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    system_identifier bigint NOT NULL,
    txn_offset bigint NOT NULL
);
INSERT INTO analytics.ledger_clock (system_identifier, txn_offset)
    SELECT system_identifier, 0 FROM pg_control_system();
GRANT SELECT ON analytics.ledger_clock TO agentes_app, agentes_worker;

CREATE FUNCTION analytics.txn_offset() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT txn_offset FROM analytics.ledger_clock);

CREATE FUNCTION analytics.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;

-- One row for each key that was counted. The key is of the business row, never made up when counting, and holds no
-- time: a retry with another timestamp would be a second charge.
CREATE TABLE analytics.usage_key (
    tenant_id uuid NOT NULL,
    -- What kind of business row the key is of.
    source text NOT NULL,
    event_key text NOT NULL,
    -- One business row counts at most once for each meter.
    meter text NOT NULL,
    payload_sha256 bytea NOT NULL CHECK (octet_length(payload_sha256) = 32),
    event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, source, event_key, meter)
) PARTITION BY HASH (tenant_id);
ALTER TABLE analytics.usage_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics.usage_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON analytics.usage_key TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON analytics.usage_key TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON analytics.usage_key TO agentes_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON analytics.usage_key
    FOR EACH ROW EXECUTE FUNCTION analytics.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON analytics.usage_key
    FOR EACH STATEMENT EXECUTE FUNCTION analytics.refuse_change();

-- A new partition has no row-level security and no statement trigger of its own: both are given here, and nobody has a
-- privilege on it, so its rows are reached through the whole table only.
CREATE FUNCTION analytics.protect_partition(partition regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', partition);
        EXECUTE format('CREATE POLICY owner ON %s TO agentes_owner USING (true) WITH CHECK (true)', partition);
        EXECUTE format(
            'CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION analytics.refuse_change()',
            partition
        );
    END $$;
REVOKE EXECUTE ON FUNCTION analytics.protect_partition(regclass) FROM PUBLIC;

DO $$
BEGIN
    FOR remainder IN 0..7 LOOP
        EXECUTE format(
            'CREATE TABLE analytics.usage_key_%s PARTITION OF analytics.usage_key '
            'FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
            remainder, remainder
        );
        PERFORM analytics.protect_partition(format('analytics.usage_key_%s', remainder)::regclass);
    END LOOP;
END $$;

-- The ledger. What a row does not have is the nil uuid, '' or 0, never NULL: NULLs do not equal each other, and a roll-up
-- would count such rows twice. The key order serves both a meter's range and, with `meter = ANY(…)`, a report's.
CREATE TABLE analytics.usage_event (
    tenant_id uuid NOT NULL,
    meter text NOT NULL,
    -- When it happened; what it is counted under.
    occurred_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    source text NOT NULL,
    event_key text NOT NULL,
    quantity numeric NOT NULL,
    -- A conversion's value, or what the quantity cost at `price_version`.
    amount numeric NOT NULL DEFAULT 0,
    currency text NOT NULL DEFAULT '',
    -- The row that this one takes back, whole or in part.
    reverses_event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    agent_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    conversation_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    contact_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    run_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    channel text NOT NULL DEFAULT '',
    model text NOT NULL DEFAULT '',
    price_version integer NOT NULL DEFAULT 0,
    -- Of the definition that the writer counted by.
    metric_version smallint NOT NULL,
    -- Of the transaction that counted it: roll-ups page by it, since rows become visible in another order than that
    -- in which any sequence or clock is read.
    ingest_txn bigint NOT NULL DEFAULT (analytics.txn_offset() + pg_current_xact_id()::text::bigint),
    PRIMARY KEY (tenant_id, meter, occurred_at, event_id),
    CHECK (amount = 0 OR currency ~ '^[A-Z]{3}$')
) PARTITION BY RANGE (occurred_at);
ALTER TABLE analytics.usage_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics.usage_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON analytics.usage_event TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON analytics.usage_event TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON analytics.usage_event TO agentes_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON analytics.usage_event
    FOR EACH ROW EXECUTE FUNCTION analytics.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON analytics.usage_event
    FOR EACH STATEMENT EXECUTE FUNCTION analytics.refuse_change();

-- The partition of a UTC month, if there is none yet. Made apart and then attached: that waits for no writer, whereas
-- CREATE TABLE … PARTITION OF locks everybody out of the ledger. The owner's, for approved backfills.
CREATE FUNCTION analytics.ensure_partition(month date) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        first date := date_trunc('month', month);
        partition text := format('analytics.usage_event_%s', to_char(first, 'YYYYMM'));
    BEGIN
        IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
        EXECUTE format('CREATE TABLE %s (LIKE analytics.usage_event INCLUDING ALL)', partition);
        EXECUTE format(
            'ALTER TABLE analytics.usage_event ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            partition, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC'
        );
        PERFORM analytics.protect_partition(partition::regclass);
    END $$;
REVOKE EXECUTE ON FUNCTION analytics.ensure_partition(date) FROM PUBLIC;

-- Every month from the oldest that may still be counted (35 days back, and one for clocks that differ) to `until`,
-- which is at most a year ahead.
CREATE FUNCTION analytics.ensure_partitions(until timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF until > now() + interval '1 year' THEN
            RAISE EXCEPTION 'partitions are made at most a year ahead' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        -- Two callers at once would both find the month missing.
        PERFORM pg_advisory_xact_lock(hashtextextended('analytics.ensure_partitions', 0));
        PERFORM analytics.ensure_partition(month::date)
            FROM generate_series(
                date_trunc('month', (now() - interval '36 days') AT TIME ZONE 'UTC'),
                until AT TIME ZONE 'UTC',
                interval '1 month'
            ) AS month;
    END $$;
REVOKE EXECUTE ON FUNCTION analytics.ensure_partitions(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.ensure_partitions(timestamptz) TO agentes_worker;

-- What a unit of a meter costs with a model, from a moment on, in the currency in which it is billed to us. Not a
-- tenant's: the operator's, who writes it as the owner.
CREATE TABLE analytics.price (
    model text NOT NULL,
    -- From 1; a new one for each change.
    version integer NOT NULL CHECK (version > 0),
    meter text NOT NULL,
    valid_from timestamptz NOT NULL,
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Reais for one unit of `currency`, as the operator set it.
    brl_rate numeric NOT NULL CHECK (brl_rate > 0),
    PRIMARY KEY (model, version, meter),
    UNIQUE (model, meter, valid_from)
);
GRANT SELECT ON analytics.price TO agentes_app;
INSERT INTO analytics.price (model, version, meter, valid_from, unit_price, currency, brl_rate)
    SELECT 'local', 1, meter, '-infinity', 0, 'BRL', 1
    FROM unnest(ARRAY['tokens.input', 'tokens.cached', 'tokens.cache_write', 'tokens.output']) AS meter;

-- The first moment of a day in an IANA zone. Where clocks go back over midnight, 00:00 is twice, and Postgres would take
-- the second; where they go forward over it, the day begins at 01:00.
CREATE FUNCTION analytics.day_start(day date, zone text) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        SELECT CASE
            WHEN ((midnight - interval '1 hour') AT TIME ZONE zone)::date >= day THEN midnight - interval '1 hour'
            ELSE midnight
        END
        FROM (SELECT day::timestamp AT TIME ZONE zone AS midnight) AS candidate
    );

DO $$ BEGIN PERFORM analytics.ensure_partitions(now() + interval '62 days'); END $$;
