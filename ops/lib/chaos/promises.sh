# What ops/chaos counts.

make_ledger() {
    administer "CREATE SCHEMA chaos;
        CREATE TABLE chaos.cause (job_id uuid PRIMARY KEY);
        CREATE TABLE chaos.happening (event_id uuid PRIMARY KEY);
        CREATE TABLE chaos.endpoint (url text, id uuid PRIMARY KEY, secret text);
        CREATE TABLE chaos.received (endpoint_id uuid, event_id uuid, digest text, is_signed boolean, is_success boolean);
        CREATE TABLE chaos.beginning (
            job_id uuid, kind text, attempt bigint, crashes bigint, process text
        );
        CREATE TABLE chaos.part (job_id uuid);
        CREATE TABLE chaos.effect (job_id uuid);
        CREATE TABLE chaos.kill (process text, at numeric);
        CREATE TABLE chaos.outage (began numeric, ended numeric);
        CREATE TABLE chaos.said (process text, word text, job_id uuid, at numeric);
        GRANT USAGE ON SCHEMA chaos TO agentes_app;
        GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA chaos TO agentes_app"
    insert_jobs chaos.riddle 5
}

# insert_jobs KIND COUNT
insert_jobs() {
    administer "INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
        SELECT gen_random_uuid(), gen_random_uuid(), 'chaos', '$1', '{}', 2, now(), 20 FROM generate_series(1, $2)"
}

# Jobs that take half as long again as a lease lasts: none is taken from a living process; and told to end, the processes give
# back what they have.
end_gracefully() {
    local number
    insert_jobs chaos.long_deed 8
    wait_until_done
    insert_jobs chaos.long_deed 100
    until [[ $(administer "SELECT count(*) FROM jobs.job WHERE state = 'running'") -ge $((workers * slots)) ]]; do
        sleep 0.1
    done
    for ((number = 1; number <= workers; number++)); do process_stop "$state/chaos-work-$number"; done
}

load_tables() {
    grep -hE '^(rescued|returned|lost) ' "$state"/chaos-work-*.log | tr ' ' ',' >"$scratch/said" || true
    copy "chaos.said (word, job_id, at)" said
    copy chaos.kill kills
    copy chaos.outage outages
    tr ' ' ',' <"$scratch/endpoints" >"$scratch/endpoints.csv"
    copy chaos.endpoint endpoints.csv
    copy chaos.received received
    administer "CREATE INDEX ON chaos.received (endpoint_id, event_id); ANALYZE"
}

# copy TABLE FILE
copy() { "$postgres_programs/psql" "$DATABASE_URL" -X --quiet --command "\\copy $1 FROM '$scratch/$2' (FORMAT csv)"; }

count_promises() {
    load_tables
    say "   $(administer "SELECT format('%s jobs committed, %s beginnings, %s finished, %s given up after three lost workers;'
            || ' %s rescues, %s given back, %s told that they had lost one',
        (SELECT count(*) FROM chaos.cause), (SELECT count(*) FROM chaos.beginning),
        (SELECT count(*) FROM jobs.finished JOIN chaos.cause ON id = job_id),
        (SELECT count(*) FROM jobs.dead JOIN chaos.cause ON id = job_id),
        count(*) FILTER (WHERE word = 'rescued'), count(*) FILTER (WHERE word = 'returned'),
        count(*) FILTER (WHERE word = 'lost')) FROM chaos.said")"
    administer "SELECT count(*) FROM chaos.cause" | grep -qE "[0-9]{3}" || fail "nothing was enqueued"

    local ended="SELECT id FROM jobs.finished UNION ALL SELECT id FROM jobs.dead"
    promise "B-1 jobs lost" "SELECT count(*) FROM chaos.cause WHERE job_id NOT IN ($ended)"
    promise "B-1 jobs of what was rolled back" "SELECT count(*) FROM chaos.beginning
        WHERE kind = 'chaos.deed' AND job_id NOT IN (SELECT job_id FROM chaos.cause)"
    promise "B-2 effects applied twice" "SELECT count(*) - count(DISTINCT job_id) FROM chaos.effect"
    promise "B-2 effects without their job's completion, or it without them" "SELECT count(*) FROM
        (SELECT job_id FROM chaos.effect) AS effect
        FULL JOIN (SELECT id FROM jobs.finished WHERE kind LIKE 'chaos.%') AS finished ON id = job_id
        WHERE id IS NULL OR job_id IS NULL"
    promise "B-2 claims of one job at a time, more than one" "SELECT count(*) FROM (
            SELECT job_id FROM chaos.beginning GROUP BY job_id, attempt, crashes
            HAVING count(*) > 1 + (SELECT count(*) FROM chaos.said
                WHERE said.job_id = beginning.job_id AND word = 'returned')
        ) AS twice"
    promise "B-3 jobs given up before three workers were lost with them" "SELECT count(*) FROM jobs.dead WHERE crashes < 3"
    promise "B-3 rescued later than lease and scan" "$(rescues_later_than "$((lease + lease / 6 + 2))")"
    say "   the latest rescue after $(administer "$(rescue_delays) SELECT round(max(delay), 1) FROM loss") s"
    promise "B-4 jobs ended twice" "SELECT count(*) - count(DISTINCT id) FROM ($ended) AS ended"
    promise "B-5 long jobs taken from living processes" "SELECT 8 - count(*) FROM jobs.finished
        WHERE kind = 'chaos.long_deed' AND attempt = 1 AND crashes = 0"
    promise "B-6 ticks missed" "SELECT abs(
        extract(epoch FROM max(tick) - date_trunc('minute', min(tick))) / 60 - count(job_id))::int FROM jobs.tick"
    promise "B-6 jobs of a tick, none or more than one" "SELECT abs(
            (SELECT count(*) FROM jobs.tick WHERE job_id IS NOT NULL) - count(*)
        ) FROM ($ended UNION ALL SELECT id FROM jobs.job) AS job JOIN jobs.tick ON job_id = id"
    promise "B-9 jobs of an unknown kind, changed" "SELECT 5 - count(*) FROM jobs.job
        WHERE kind = 'chaos.riddle' AND state = 'available' AND attempt = 0"
    promise "B-11 jobs not given back as they were" "SELECT 100 - count(*) FROM jobs.job
        WHERE kind = 'chaos.long_deed' AND state = 'available' AND attempt = 0 AND crashes = 0"
    count_webhooks
    [[ ! -e $scratch/broken ]] || fail "promises were broken"
}

# Of every event that was committed there is a delivery to each endpoint of its tenant.
count_webhooks() {
    local deliveries="WITH delivery AS (
            SELECT delivery.*, url LIKE '%/healthy' AS is_healthy, (
                SELECT count(*) FROM chaos.received
                WHERE endpoint_id = delivery.endpoint_id AND event_id = delivery.event_id
            ) AS requests, (
                SELECT count(*) FROM webhooks.attempt
                WHERE tenant_id = delivery.tenant_id AND endpoint_id = delivery.endpoint_id
                    AND event_id = delivery.event_id
            ) AS rows
            FROM webhooks.delivery JOIN chaos.endpoint ON id = endpoint_id
        )"
    say "   $(administer "$deliveries SELECT format('%s events committed, %s deliveries, %s attempts, %s requests;'
            || ' of %s to healthy receivers %s arrived, %s more than once, %s a step of the schedule later',
        (SELECT count(*) FROM chaos.happening), count(*), sum(rows), sum(requests), count(*) FILTER (WHERE is_healthy),
        count(*) FILTER (WHERE is_healthy AND requests > 0), count(*) FILTER (WHERE is_healthy AND requests > 1),
        count(*) FILTER (WHERE is_healthy AND step > 0)) FROM delivery")"
    promise "A-1 deliveries missing, or of nobody's" "SELECT count(*) FROM (
            SELECT event.id, endpoint.id AS endpoint_id FROM chaos.happening
            JOIN events.event ON event.id = event_id JOIN webhooks.endpoint USING (tenant_id)
        ) AS wanted FULL JOIN webhooks.delivery
            ON delivery.event_id = wanted.id AND delivery.endpoint_id = wanted.endpoint_id
        WHERE wanted.id IS NULL OR delivery.event_id IS NULL"
    promise "A-1 requests of what was rolled back" "SELECT count(*) FROM chaos.received
        WHERE event_id NOT IN (SELECT event_id FROM chaos.happening)"
    promise "A-1 committed events that never reached a healthy receiver" "$deliveries SELECT count(*) FROM delivery
        WHERE is_healthy AND requests = 0"
    promise "A-1 deliveries to healthy receivers given up" "$deliveries SELECT count(*) FROM delivery
        WHERE is_healthy AND state = 'failed'"
    promise "A-2 requests beyond their attempts' rows" "$deliveries SELECT coalesce(sum(greatest(requests - rows, 0)), 0)::int
        FROM delivery"
    promise "A-3 events whose bytes were not the same each time" "SELECT count(*) FROM (
            SELECT FROM chaos.received GROUP BY event_id HAVING count(DISTINCT digest) > 1
        ) AS changed"
    promise "requests whose signature standardwebhooks or svix refused" "SELECT count(*) FROM chaos.received
        WHERE NOT is_signed"
    promise "deliveries that succeeded without having arrived" "$deliveries SELECT count(*) FROM delivery
        WHERE state = 'succeeded' AND (requests = 0 OR NOT is_healthy)"
}

# promise WHAT QUERY: how often it was broken.
promise() {
    local count
    count=$(administer "$2")
    printf '%6d  %s\n' "$count" "$1"
    ((count == 0)) || touch "$scratch/broken"
}

# From when the process that had a job was killed to when the job was taken from it, without the time that Postgres was away.
# Only of jobs of which every rescue was told: a process may be killed before it tells.
rescue_delays() {
    echo "WITH told AS (
            SELECT job_id, at, row_number() OVER (PARTITION BY job_id ORDER BY at) - 1 AS crashes FROM chaos.said
            WHERE word = 'rescued'
        ), loss AS (
            SELECT told.at - killed.at - (
                SELECT coalesce(sum(greatest(least(ended, told.at) - greatest(began, killed.at), 0)), 0) FROM chaos.outage
            ) AS delay
            FROM told JOIN LATERAL (
                SELECT max(kill.at) AS at FROM chaos.beginning JOIN chaos.kill USING (process)
                WHERE beginning.job_id = told.job_id AND beginning.crashes = told.crashes AND kill.at < told.at
            ) AS killed ON killed.at IS NOT NULL
            WHERE (SELECT count(*) FROM told AS each WHERE each.job_id = told.job_id) = (
                SELECT crashes FROM (SELECT id, crashes FROM jobs.finished UNION ALL SELECT id, crashes FROM jobs.dead) AS ended
                WHERE id = told.job_id
            )
        )"
}

rescues_later_than() { echo "$(rescue_delays) SELECT count(*) FROM loss WHERE delay > $1"; }
