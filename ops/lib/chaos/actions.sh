# What ops/chaos does to the processes and to what they stand on. Of each it is written down when it happened, and of each
# process what it told, for promises.sh.

declare -A generation=() times=()
frosts=()

# The last one's wall clock is set back while it works.
start_worker() {
    local own=()
    (($1 < workers)) || own=(env LD_PRELOAD="$scratch/set_back.so")
    generation[$1]=$((${generation[$1]:-0} + 1))
    process_start "$state/chaos-work-$1" "${own[@]}" "$chaos" work "work-$1.${generation[$1]}" "$slots" "$lease"
}

start_enqueuer() { process_start "$state/chaos-enqueue-$1" "$chaos" enqueue "$jobs" "$pause"; }

start_server() { PORT=${ports[$1]} process_start "$state/chaos-server-$1" "$agentes" serve; }

# One that starts while Postgres is away gives up, as any platform expects that starts it again.
tend_servers() {
    local number
    for ((number = 1; number <= servers; number++)); do
        process_running "$state/chaos-server-$number" || start_server "$number"
    done
}

# kill_process DIRECTORY/NAME: without a chance to say anything.
kill_process() {
    # The shell would tell of it too.
    { kill -s KILL "$(<"$1.pid")" && wait "$(<"$1.pid")"; } 2>/dev/null || true
    until ! process_running "$1"; do sleep 0.02; done
}

# Seconds since the machine started, by the clock of what the workers tell.
now() { cut -d' ' -f1 /proc/uptime; }

kill_worker() {
    note_loss "$1"
    kill_process "$state/chaos-work-$1"
    start_worker "$1"
}

freeze_worker() {
    note_loss "$1"
    freeze "$state/chaos-work-$1"
}

note_loss() { echo "work-$1.${generation[$1]},$(now)" >>"$scratch/kills"; }

# freeze DIRECTORY/NAME: for longer than its lease: when it goes on, its jobs are others'.
freeze() {
    local pid
    pid=$(<"$1.pid")
    kill -s STOP "$pid" || return 0
    (
        exec 8>&-
        sleep "$((lease + 4))"
        kill -s CONT "$pid" 2>/dev/null || true # killed meanwhile
    ) &
    frosts+=($!)
}

end_worker() {
    # One that is frozen hears nothing before it goes on, and is somebody else's story.
    ! is_frozen "$state/chaos-work-$1" || return 0
    process_stop "$state/chaos-work-$1"
    start_worker "$1"
}

kill_server() {
    kill_process "$state/chaos-server-$1"
    start_server "$1"
}

end_server() {
    ! is_frozen "$state/chaos-server-$1" || return 0
    process_stop "$state/chaos-server-$1"
    start_server "$1"
}

is_frozen() { grep --quiet '^State:[[:space:]]*T' "/proc/$(<"$1.pid")/status"; }

kill_enqueuer() {
    process_running "$state/chaos-enqueue-$1" || return 0
    kill_process "$state/chaos-enqueue-$1"
    start_enqueuer "$1"
}

flush_redis() { redis-cli -u "$REDIS_URL" FLUSHALL >/dev/null; }

# restart_postgres SIGNAL: QUIT is a crash; INT rolls back what is open.
restart_postgres() {
    local start
    start=$(now)
    process_stop "$state/chaos-postgres" "$1"
    postgres_start chaos-postgres "$postgres_port"
    echo "$start,$(now)" >>"$scratch/outages"
}

# Until the last job is enqueued, and most are done.
wreak_havoc() {
    local worker server action
    : >"$scratch/kills" >"$scratch/outages"
    for ((worker = 1; worker <= workers; worker++)); do start_worker "$worker"; done
    for ((worker = 1; worker <= enqueuers; worker++)); do start_enqueuer "$worker"; done
    while are_enqueuing || (($(administer "SELECT count(*) FROM jobs.job WHERE kind = 'chaos.deed'") > jobs / 10)); do
        sleep "0.$((RANDOM % 900 + 100))"
        worker=$((RANDOM % workers + 1)) server=$((RANDOM % servers + 1))
        case $((RANDOM % 20)) in
            [0-5]) action="kill_worker $worker" ;;
            6) action="end_worker $worker" ;;
            [78]) action="freeze_worker $worker" ;;
            9 | 1[01]) action="kill_server $server" ;;
            12) action="end_server $server" ;;
            13) action="freeze $state/chaos-server-$server" ;;
            1[45]) action="kill_enqueuer $((RANDOM % enqueuers + 1))" ;;
            1[67]) action="flush_redis" ;;
            18) action="restart_postgres QUIT" ;;
            19) action="restart_postgres INT" ;;
        esac
        $action
        action=${action%% *}
        times[$action]=$((${times[$action]:-0} + 1))
        tend_servers
        look
        turn_secrets
    done
    for action in "${!times[@]}"; do say "   ${times[$action]} × ${action//_/ }"; done
}

are_enqueuing() {
    local number
    for ((number = 1; number <= enqueuers; number++)); do
        ! process_running "$state/chaos-enqueue-$number" || return 0
    done
    return 1
}

# What must hold at every moment, at this one.
look() {
    administer "INSERT INTO chaos.moment SELECT (
            SELECT count(*) FROM (
                SELECT FROM jobs.job WHERE unique_key IS NOT NULL GROUP BY tenant_id, kind, unique_key HAVING count(*) > 1
            ) AS twice
        ), (
            SELECT count(*) FROM (
                SELECT FROM jobs.job WHERE queue = 'webhooks' AND state = 'running' GROUP BY tenant_id HAVING count(*) > 32
            ) AS greedy
        )"
}

# One endpoint's secret is replaced when a quarter of the jobs is there, and the old one's day ends after three.
turn_secrets() {
    local done id secret
    done=$(administer "SELECT count(*) * 4 / $jobs FROM chaos.cause")
    read -r _ id _ secret < <(grep /rotates "$scratch/endpoints")
    if ((done >= 1)) && [[ ! -e $scratch/rotated ]]; then
        # Where the server is killed meanwhile, again a moment later.
        ! python3 ops/lib/chaos/endpoints.py rotate "http://127.0.0.1:${ports[1]}" "${tokens[3]}" "$id" "$secret" \
            &>>"$scratch/rotate.log" || touch "$scratch/rotated"
    elif ((done >= 3)) && [[ -e $scratch/rotated && ! -e $scratch/over ]]; then
        administer "INSERT INTO chaos.rotation SELECT id, previous_until - interval '1 day', now() FROM webhooks.endpoint
                WHERE id = '$id';
            UPDATE webhooks.endpoint SET previous_until = now() WHERE id = '$id'"
        touch "$scratch/over"
    fi
}

# Nothing is done to them any more: every event must be relayed, and every job come to its end. What lost several processes
# may rest for minutes: from half-time on it does not.
wait_until_done() {
    local half=$((SECONDS + calm / 2)) deadline=$((SECONDS + calm)) left
    while left=$(administer "SELECT count(*) + (SELECT count(*) FROM events.pending) FROM jobs.job
        WHERE kind <> 'chaos.riddle'") && ((left > 0)); do
        ((SECONDS < deadline)) || fail "$left jobs have not come to their end in $calm s; the first of them:
$(administer "SELECT row_to_json(job) FROM jobs.job WHERE kind <> 'chaos.riddle' LIMIT 5")"
        ((SECONDS < half)) || hurry
        tend_servers
        sleep 0.5
    done
}

hurry() {
    administer "WITH hurried AS (
            UPDATE jobs.job SET run_at = now() WHERE state = 'scheduled' AND kind = 'webhooks.retry'
                AND run_at > now() + interval '10 seconds' RETURNING id
        ) INSERT INTO chaos.hurry SELECT min(now()) FROM hurried HAVING count(*) > 0"
}
