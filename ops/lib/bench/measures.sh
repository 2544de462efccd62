# The measurements of ops/bench: each measure_NAME prints a number.

http_connections=64
chat_connections=32
dashboards=2000
dashboard_seconds=60
first_answers=200
fanned_conversions=20

run_pgbench() {
    "$postgres_programs/pgbench" --no-vacuum --protocol=prepared --client="$postgres_connections" --jobs=2 \
        "$@" "$DATABASE_APP_URL" 2>"$scratch/pgbench.err" | sed -nE 's/^tps = ([0-9.]+) .*/\1/p'
    [[ ! -s $scratch/pgbench.err ]] || fail "pgbench: $(<"$scratch/pgbench.err")"
}

measure_pgbench() { run_selects "$scratch/select-by-statement.sql"; }

measure_pipelined() { run_selects "$scratch/select.sql"; }

# run_selects SCRIPT: of pgbench.
run_selects() { run_pgbench --time="$seconds" --file="$1" "${select_variables[@]/#/--define=}"; }

measure_select() { "$programs/Bench" select "$tenant" "$postgres_connections" "$seconds"; }

measure_agents() {
    export BENCH_BODY=$scratch/body
    measure_http "$http_connections" "/api/v2/agents?limit=20"
}

measure_turn() { run_turns --time="$seconds"; }

# run_turns OPTION...: of pgbench. Ids are made from the time in milliseconds on, so that no two runs make the same.
run_turns() {
    run_pgbench "$@" --file="$scratch/turn.sql" "${turn_variables[@]/#/--define=}" \
        --define=turn=0 --define="start=$(date +%s%3N)000000"
}

measure_chat() {
    export BENCH_QUESTION=$scratch/question BENCH_ANSWERS=$answers
    measure_http "$chat_connections" "$chat_path"
}

# measure_http CONNECTIONS PATH: right answers a second, after a second for connections, caches and plans. Every answer must
# be right, and the limits asked for each.
measure_http() {
    local right wrong rate limited
    run_wrk "$1" 1 "$2" >/dev/null
    limited=$(limits_asked)
    read -r right wrong rate < <(run_wrk "$1" "$seconds" "$2") || fail "wrk told nothing"
    ((wrong == 0)) || fail "$wrong of $((right + wrong)) answers of $2 were wrong or none"
    limited=$(($(limits_asked) - limited))
    # Where Redis answers too late, the process counts alone.
    ((limited >= right)) || echo "Redis was asked $limited times for $right requests" >>"$scratch/problems"
    echo "$rate"
}

# run_wrk CONNECTIONS SECONDS PATH: right answers, wrong ones, right ones a second.
run_wrk() {
    wrk --threads 1 --connections "$1" --duration "${2}s" --script ops/lib/bench/answers.lua \
        --header "Authorization: Bearer $token" "$BASE_URL$3" | sed -n 's/^bench: //p'
}

limits_asked() {
    redis-cli -u "$REDIS_URL" INFO commandstats | sed -nE 's/^cmdstat_evalsha:calls=([0-9]+).*/\1/p'
}

# At pace 0 the provider takes no time of its own. Alone on the server, it waits until what was measured before is done with.
measure_answer() {
    sleep 5
    python3 ops/lib/bench/first_answer.py "$PORT" "$token" "$chat_path" "$scratch/question" "$first_answers"
}

measure_idle() {
    process_stop "$state/bench-server"
    start_server
    sleep 5
    awk '/^VmRSS:/ { print $2 / 1024 }' "/proc/$(<"$state/bench-server.pid")/status"
}

# Of the server that measure_idle has started.
measure_stream() {
    local growth kernel
    read -r growth kernel < <(
        python3 ops/lib/bench/dashboards.py "$PORT" "$token" "$(<"$state/bench-server.pid")" \
            "$dashboards" "$dashboard_seconds"
    ) || fail "the dashboards were not held open"
    say "   stream: $kernel KiB of kernel memory each, both ends"
    echo "$growth"
}

# On a server that has done nothing yet, so that what it grows by is the streams'.
measure_fan_out() {
    local conversation delay
    process_stop "$state/bench-server"
    start_server
    conversation=$(
        api "/agents/$agent/chat/stream" --data '{"streaming": false, "messages": [{"role": "user", "content": "Oi"}]}' |
            field '["data"]["conversation_id"]'
    )
    read -r delay fanned < <(
        python3 ops/lib/bench/fan_out.py "$PORT" "$token" "$(<"$state/bench-server.pid")" "$dashboards" \
            "$conversation" "$fanned_conversions"
    ) || fail "the dashboards heard nothing"
    echo "$fanned" >"$scratch/fanned"
    echo "$delay"
}

# By measure_fan_out.
measure_fanned() { cat "$scratch/fanned"; }

# Of ten organisations in which nothing else happens, new in each round.
measure_webhooks() {
    local p50 p99 beside_p50 beside_p99 number
    local -a tokens
    for number in {0..9}; do tokens+=("$(bench_token "org_webhooks_${RANDOM}_$number")"); done
    read -r p50 p99 beside_p50 beside_p99 < <(
        python3 ops/lib/bench/webhooks.py "$PORT" "$seconds" "${tokens[@]}"
    ) || fail "the webhooks told nothing"
    say "   webhooks: p50 $p50 ms, p99 $p99 ms; with a tenth of the receivers dead $beside_p50 ms, $beside_p99 ms"
    awk -v beside="$beside_p99" -v alone="$p99" 'BEGIN { print beside / alone }'
}

measure_verify() { "$programs/Bench" verify "$state/issuer" "$seconds"; }

measure_openssl() { openssl speed -seconds "$seconds" rsa2048 2>/dev/null | awk '/^rsa +2048/ { print $NF }'; }
