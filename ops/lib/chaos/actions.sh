# What ops/chaos does to the processes and to what they stand on. Of each it is written down when it happened, and of each
# process what it told, for promises.sh.

declare -A generation=()
frosts=()

start_worker() {
    generation[$1]=$((${generation[$1]:-0} + 1))
    process_start "$state/chaos-work-$1" "$chaos" work "work-$1.${generation[$1]}" "$slots" "$lease"
}

start_enqueuer() { process_start "$state/chaos-enqueue-$1" "$chaos" enqueue "$jobs" "$pause"; }

# kill_process DIRECTORY/NAME: without a chance to say anything.
kill_process() {
    # The shell would tell of it too.
    { kill -s KILL "$(<"$1.pid")" && wait "$(<"$1.pid")"; } 2>/dev/null || true
    until ! process_running "$1"; do sleep 0.02; done
}

now() { date +%s.%N; }

kill_worker() {
    echo "work-$1.${generation[$1]},$(now)" >>"$scratch/kills"
    kill_process "$state/chaos-work-$1"
    start_worker "$1"
}

# For longer than its lease: when it goes on, its jobs are others'.
freeze_worker() {
    local pid
    pid=$(<"$state/chaos-work-$1.pid")
    echo "work-$1.${generation[$1]},$(now)" >>"$scratch/kills"
    kill -s STOP "$pid"
    (
        exec 8>&-
        sleep "$((lease + 4))"
        kill -s CONT "$pid" 2>/dev/null || true # killed meanwhile
    ) &
    frosts+=($!)
}

end_worker() {
    # One that is frozen hears nothing before it goes on, and is somebody else's story.
    [[ $(process_state "$1") != T ]] || return 0
    process_stop "$state/chaos-work-$1"
    start_worker "$1"
}

process_state() { awk '/^State:/ { print $2 }' "/proc/$(<"$state/chaos-work-$1.pid")/status"; }

kill_enqueuer() {
    process_running "$state/chaos-enqueue-$1" || return 0
    kill_process "$state/chaos-enqueue-$1"
    start_enqueuer "$1"
}

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
    local number count=0
    : >"$scratch/kills" >"$scratch/outages"
    for ((number = 1; number <= workers; number++)); do start_worker "$number"; done
    for ((number = 1; number <= enqueuers; number++)); do start_enqueuer "$number"; done
    while are_enqueuing || (($(administer "SELECT count(*) FROM jobs.job WHERE state <> 'running'") > jobs / 10)); do
        sleep "0.$((RANDOM % 900 + 100))"
        number=$((RANDOM % workers + 1))
        case $((RANDOM % 20)) in
            [0-7]) kill_worker "$number" ;;
            8 | 9) end_worker "$number" ;;
            1[01]) freeze_worker "$number" ;;
            1[2-5]) kill_enqueuer "$((RANDOM % enqueuers + 1))" ;;
            1[67]) redis-cli -u "$REDIS_URL" FLUSHALL >/dev/null ;;
            18) restart_postgres QUIT ;;
            19) restart_postgres INT ;;
        esac
        ((++count))
    done
    say "   $count times something was done to them: $(wc -l <"$scratch/kills") kills and frosts of workers," \
        "$(wc -l <"$scratch/outages") restarts of Postgres"
}

are_enqueuing() {
    local number
    for ((number = 1; number <= enqueuers; number++)); do
        ! process_running "$state/chaos-enqueue-$number" || return 0
    done
    return 1
}

# Nothing is done to them any more: every job must come to its end.
wait_until_done() {
    local deadline=$((SECONDS + calm)) left
    while left=$(administer "SELECT count(*) FROM jobs.job WHERE kind <> 'chaos.riddle'") && ((left > 0)); do
        ((SECONDS < deadline)) || fail "$left jobs have not come to their end in $calm s"
        sleep 0.2
    done
}
