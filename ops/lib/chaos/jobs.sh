# What was promised of jobs.

count_jobs() {
    say "   $(administer "SELECT format('%s jobs committed, %s beginnings, %s finished, %s given up after three lost workers;'
            || ' %s rescues, %s given back, %s told that they had lost one; %s began where the clock was wrong',
        (SELECT count(*) FROM chaos.cause), (SELECT count(*) FROM chaos.beginning),
        (SELECT count(*) FROM jobs.finished JOIN chaos.cause ON id = job_id),
        (SELECT count(*) FROM jobs.dead JOIN chaos.cause ON id = job_id),
        count(*) FILTER (WHERE word = 'rescued'), count(*) FILTER (WHERE word = 'returned'),
        count(*) FILTER (WHERE word = 'lost'),
        (SELECT count(*) FROM chaos.beginning WHERE process LIKE 'work-$workers.%')) FROM chaos.said")"
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
    promise "B-2 jobs ended by whoever had lost them" "SELECT count(*) FROM chaos.effect JOIN jobs.finished ON id = job_id
        WHERE effect.attempt <> finished.attempt OR effect.crashes <> finished.crashes"
    promise "B-2 claims of one job at a time, more than one" "SELECT count(*) FROM (
            SELECT job_id FROM chaos.beginning GROUP BY job_id, attempt, crashes
            HAVING count(*) > 1 + (SELECT count(*) FROM chaos.said
                WHERE said.job_id = beginning.job_id AND word = 'returned')
        ) AS twice"
    promise "B-3 jobs given up before three workers were lost with them" "SELECT count(*) FROM jobs.dead WHERE crashes < 3"
    promise "B-3 rescued later than lease and scan" "$(rescues_later_than "$((lease + lease / 6 + 2))")"
    say "   the latest of $(administer "$(rescue_delays) SELECT format('%s rescues after %s s', count(*), round(max(delay), 1))
        FROM loss")"
    promise "B-4 jobs ended twice" "SELECT count(*) - count(DISTINCT id) FROM ($ended) AS ended"
    promise "B-5 long jobs taken from living processes" "SELECT 8 - count(*) FROM jobs.finished
        WHERE kind = 'chaos.long_deed' AND attempt = 1 AND crashes = 0"
    promise "B-6 ticks missed" "SELECT abs(extract(epoch FROM max(tick) - date_trunc('minute', min(tick))) / 60
        - count(job_id))::int FROM jobs.tick WHERE schedule = 'chaos'"
    promise "B-6 jobs of a tick, none or more than one" "SELECT abs(
            (SELECT count(*) FROM jobs.tick WHERE job_id IS NOT NULL) - count(*)
        ) FROM ($ended UNION ALL SELECT id FROM jobs.job) AS job JOIN jobs.tick ON job_id = id"
    promise "B-7 moments of $(administer "SELECT count(*) FROM chaos.moment") with two live jobs of one key" \
        "SELECT count(*) FROM chaos.moment WHERE keys_twice > 0"
    elsewhere "B-7 of a key and a rollback" "EnqueueTests, \"a rolled-back enqueue swallows nobody's\""
    elsewhere "B-8 what a backlog costs others" "ops/bench (j); WorkerTests, \"that is full of one tenant's jobs begins another's\""
    promise "B-9 jobs of an unknown kind, changed" "SELECT 5 - count(*) FROM jobs.job
        WHERE kind = 'chaos.riddle' AND state = 'available' AND attempt = 0"
    elsewhere "B-10 the plan of a claim" "ClaimTests, \"a plan that was made while the table was empty\"; ops/bench (i)"
    promise "B-11 jobs not given back as they were" "SELECT 100 - count(*) FROM jobs.job
        WHERE kind = 'chaos.long_deed' AND state = 'available' AND attempt = 0 AND crashes = 0"
    promise "B-12 workers whose clock was set back and that began nothing" "SELECT (count(*) = 0)::int FROM chaos.beginning
        WHERE process LIKE 'work-$workers.%'"
}

# From when the process that had a job was killed to when the job was taken from it, without the time that Postgres was away.
# Only of jobs of which every rescue was told: a process may be killed before it tells. One that is frozen tells late, when
# the job has perhaps begun again.
rescue_delays() {
    echo "WITH said AS (
            SELECT job_id, at, row_number() OVER (PARTITION BY job_id ORDER BY at) - 1 AS crashes FROM chaos.said
            WHERE word = 'rescued'
        ), told AS (
            SELECT job_id, crashes, least(at, (
                SELECT min(extract(epoch FROM beginning.at)) - $machine_start FROM chaos.beginning
                WHERE beginning.job_id = said.job_id AND beginning.crashes = said.crashes + 1
            )) AS at
            FROM said
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
