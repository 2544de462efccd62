# What ops/chaos counts, and how.

make_ledger() {
    administer "CREATE SCHEMA chaos;
        CREATE TABLE chaos.cause (job_id uuid PRIMARY KEY);
        CREATE TABLE chaos.happening (event_id uuid PRIMARY KEY);
        CREATE TABLE chaos.endpoint (
            url text, id uuid PRIMARY KEY, secret text, next_secret text,
            kind text GENERATED ALWAYS AS (split_part(url, '/', 4)) STORED
        );
        CREATE TABLE chaos.received (
            endpoint_id uuid, event_id uuid, signed_at bigint, digest text, is_signed boolean, is_signed_anew boolean,
            is_elsewhere boolean, status int
        );
        CREATE TABLE chaos.rotation (endpoint_id uuid, began timestamptz, ended timestamptz);
        CREATE TABLE chaos.hurry (at timestamptz);
        CREATE TABLE chaos.moment (keys_twice bigint, greedy_tenants bigint);
        CREATE TABLE chaos.beginning (
            job_id uuid, kind text, attempt bigint, crashes bigint, process text, at timestamptz DEFAULT clock_timestamp()
        );
        CREATE TABLE chaos.part (job_id uuid);
        CREATE TABLE chaos.effect (job_id uuid, attempt bigint, crashes bigint);
        CREATE TABLE chaos.kill (process text, at numeric);
        CREATE TABLE chaos.outage (began numeric, ended numeric);
        CREATE TABLE chaos.said (word text, job_id uuid, at numeric);
        CREATE TABLE chaos.logged (at timestamptz, job_id uuid);
        GRANT USAGE ON SCHEMA chaos TO agentes_app;
        GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA chaos TO agentes_app"
    insert_jobs chaos.riddle 5
}

# insert_jobs KIND COUNT
insert_jobs() {
    administer "INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
        SELECT gen_random_uuid(), gen_random_uuid(), 'chaos', '$1', '{}', 2, now(), 20 FROM generate_series(1, $2)"
}

# Jobs that take half as long again as a lease lasts: those of a process that is frozen meanwhile are others' when it goes on,
# and not ended by it; none is taken from a living process; and told to end, the processes give back what they have.
end_gracefully() {
    local number
    insert_jobs chaos.frozen_deed 16
    until number=$(administer "SELECT substring(claimed_by FROM 'work-(\d+)') FROM jobs.job
        WHERE kind = 'chaos.frozen_deed' AND state = 'running' GROUP BY claimed_by HAVING count(*) >= 4 LIMIT 1") &&
        [[ -n $number ]]; do
        sleep 0.1
    done
    freeze_worker "$number"
    wait_until_done
    insert_jobs chaos.long_deed 8
    wait_until_done
    insert_jobs chaos.long_deed 100
    until [[ $(administer "SELECT count(*) FROM jobs.job WHERE state = 'running'") -ge $((workers * slots)) ]]; do
        sleep 0.1
    done
    for ((number = 1; number <= workers; number++)); do process_stop "$state/chaos-work-$number"; done
    for ((number = 1; number <= servers; number++)); do process_stop "$state/chaos-server-$number"; done
}

load_tables() {
    grep -hE '^(rescued|returned|lost) ' "$state"/chaos-work-*.log | tr ' ' ',' >"$scratch/said" || true
    copy "chaos.said (word, job_id, at)" said
    # Servers take jobs from lost workers too.
    sed -nE "s/^.*\"timestamp\":\"([^\"]*)\".*(job's worker was lost|workers were lost with it).*\"job_id\":\"([^\"]*)\".*$/\1,\3/p" \
        "$state"/chaos-server-*.log >"$scratch/logged"
    copy chaos.logged logged
    machine_start=$(administer "SELECT $(date +%s.%N) - $(now)")
    administer "INSERT INTO chaos.said SELECT 'rescued', job_id, extract(epoch FROM at) - $machine_start FROM chaos.logged"
    copy chaos.kill kills
    copy chaos.outage outages
    tr ' ' ',' <"$scratch/endpoints" >"$scratch/endpoints.csv"
    copy "chaos.endpoint (url, id, secret, next_secret)" endpoints.csv
    copy chaos.received received
    administer "CREATE INDEX ON chaos.received (endpoint_id, event_id); ANALYZE"
}

# copy TABLE FILE
copy() { "$postgres_programs/psql" "$DATABASE_URL" -X --quiet --command "\\copy $1 FROM '$scratch/$2' (FORMAT csv)"; }

count_promises() {
    load_tables
    count_jobs
    count_webhooks
    [[ ! -e $scratch/broken ]] || fail "promises were broken"
}

# promise WHAT QUERY: how often it was broken.
promise() {
    local count
    count=$(administer "$2")
    printf '%6d  %s\n' "$count" "$1"
    ((count == 0)) || touch "$scratch/broken"
}

# elsewhere WHAT WHERE: what cannot be counted here is shown there.
elsewhere() { printf '     –  %s: %s\n' "$1" "$2"; }
