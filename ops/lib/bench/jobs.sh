# What jobs cost: beside procrastinate, and beside a backlog. The queue is Tests/Bench's own.

jobs_connections=16
jobs_slots=64
start_slots=32
claim_slots=50
claim_rounds=15

# Newest that pip brings, in .local/bench-python.
ensure_procrastinate() {
    [[ -d $state/bench-python ]] || python3 -m pip install --quiet --disable-pip-version-check \
        --root-user-action=ignore --target "$state/bench-python" procrastinate 'psycopg[binary,pool]'
}

# Both as many processes (one), connections, and jobs at a time; fsync is on, and so is synchronous_commit. Tests/Bench has a
# quarter of its connections more for the worker, as a server has.
measure_procrastinate() {
    local all enqueued done batched
    administer "SELECT 1 FROM pg_database WHERE datname = 'procrastinate'" | grep -q 1 ||
        administer "CREATE DATABASE procrastinate"
    read -r all enqueued done batched < <(
        PROCRASTINATE_URL=${DATABASE_URL%/*}/procrastinate PYTHONPATH=$state/bench-python \
            python3 ops/lib/bench/procrastinate_jobs.py "$((seconds * 200))" "$((jobs_connections * 5 / 4))" "$jobs_slots"
    ) || fail "procrastinate told nothing"
    say "   procrastinate: $enqueued/s enqueued, $done/s done, $batched/s enqueued in batches of 500"
    echo "$all"
}

measure_jobs() {
    local all enqueued done batched
    read -r all enqueued done batched < <(
        "$programs/Bench" jobs "$((seconds * 3000))" "$jobs_connections" "$jobs_slots"
    ) || fail "Bench told nothing"
    say "   jobs: $enqueued/s enqueued, $done/s done, $batched/s enqueued in batches of 500"
    echo "$all"
}

# What a claim takes in Postgres at a backlog of 1,000,000 divided by the same at 1,000: 95 % of them one tenant's, the rest
# of 49 others, while somebody's transaction stays open and nobody has counted the rows.
measure_claim() {
    local few many
    begin_stale
    few=$(claim_at 1000)
    many=$(claim_at 1000000)
    end_stale
    say "   claim of $claim_slots: $few ms at 1,000, $many ms at 1,000,000"
    awk -v many="$many" -v few="$few" 'BEGIN { print many / few }'
}

# A tenant's 99th percentile from the enqueuing to the start of a job while another has 1,000,000 queued, divided by the same
# while nobody has any. A job takes 50 ms.
#
# Beside a transaction that stays open, Postgres keeps what was claimed since in the way of each claim: what that costs grows
# with the jobs done meanwhile, whoever has a backlog, and is told without a bound.
measure_start() {
    local alone beside stale
    alone=$("$programs/Bench" starts "$seconds" "$start_slots")
    administer "VACUUM ANALYZE jobs.job"
    fill_backlog 1000000 0
    beside=$("$programs/Bench" starts "$seconds" "$start_slots")
    begin_stale
    stale=$("$programs/Bench" starts "$seconds" "$start_slots")
    end_stale
    say "   start: p99 $beside ms beside 1,000,000 of another tenant, $alone ms alone;" \
        "$stale ms beside them and an open transaction"
    awk -v beside="$beside" -v alone="$alone" 'BEGIN { print beside / alone }'
}

begin_stale() {
    administer "ALTER TABLE jobs.job SET (autovacuum_enabled = off)"
    administer "VACUUM ANALYZE jobs.job"
    exec 7> >(exec "$postgres_programs/psql" "$DATABASE_URL" -X --quiet --output=/dev/null)
    echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current();" >&7
    until [[ $(administer "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'") == 1 ]]; do
        sleep 0.1
    done
}

end_stale() {
    exec 7>&-
    administer "TRUNCATE jobs.job"
    administer "ALTER TABLE jobs.job RESET (autovacuum_enabled)"
}

# fill_backlog JOBS OTHERS: the jobs that OTHERS more tenants have are a twentieth.
fill_backlog() {
    administer "INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
        SELECT md5(CASE WHEN $2 > 0 AND n % 20 = 0 THEN n / 20 % $2 + 1 ELSE 0 END::text)::uuid, gen_random_uuid(),
            'bench', 'bench.no_op', '{}', 2, now() - interval '1 hour' + n * interval '1 millisecond', 20
        FROM generate_series(1, $1) AS n"
}

# claim_at JOBS: the median of milliseconds that Postgres took, as it logs them for these connections.
claim_at() {
    local start
    administer "TRUNCATE jobs.job"
    fill_backlog "$1" 49
    start=$(wc -c <"$state/bench-postgres.log")
    DATABASE_WORKER_URL="$DATABASE_WORKER_URL?options=-c%20log_min_duration_statement%3D0" \
        "$programs/Bench" claims "$claim_rounds" "$claim_slots"
    tail -c "+$((start + 1))" "$state/bench-postgres.log" | python3 ops/lib/bench/claim_times.py
}
