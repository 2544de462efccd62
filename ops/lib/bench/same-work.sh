# What is measured is the same work on both sides.

check_same_work() {
    if wanted a || wanted b; then check_same_select; fi
    if wanted c || wanted d; then check_same_turn; fi
}

# The statement that the server sends for a list of agents is that of Tests/Bench, it finds 20 rows, and so does pgbench's
# script.
check_same_select() {
    local statement rows
    "$programs/Bench" script >"$scratch/select.sql"
    sed 's/^\\startpipeline$/BEGIN;/; s/^\\endpipeline$/COMMIT;/' "$scratch/select.sql" >"$scratch/select-by-statement.sql"
    select_variables=(setting=app.tenant_id "tenant=$tenant" limit=21
        "created_before=9999-12-31 00:00:00+00" id_before=ffffffff-ffff-ffff-ffff-ffffffffffff)
    api "/agents?limit=20" >"$scratch/body"
    [[ $(field '["count"]' <"$scratch/body") == 20 ]] || fail "GET /api/v2/agents does not answer 20 agents"
    statement=$(administer "SELECT DISTINCT regexp_replace(query, '\s+', ' ', 'g') FROM pg_stat_activity
        WHERE usename = 'agentes_app' AND query LIKE '%FROM agents.agent %created_at DESC%'")
    [[ $(tr '\n' ' ' <"$scratch/select.sql" | tr -s ' ') == *"$(placeholders_named "$statement")"* ]] ||
        fail "the server sends another statement than Tests/Bench: $statement"
    rows=$({
        echo "BEGIN;"
        sed -E "/^\\\\/d; s/:([a-z_]+)/:'\1'/g" "$scratch/select.sql"
    } | "$postgres_programs/psql" "$DATABASE_APP_URL" -X --quiet --tuples-only --no-align \
        "${select_variables[@]/#/--set=}" | wc -l)
    ((rows == 21)) || fail "pgbench's script finds $((rows - 1)) rows, not 20"
}

placeholders_named() {
    sed 's/\$1/:tenant/; s/\$2/:created_before/; s/\$3/:id_before/; s/\$4/:limit/' <<<"$1"
}

# pgbench's script of a chat is made of what Postgres logs of two chats; one run of it leaves as many rows as a chat.
check_same_turn() {
    local before after by_chat by_script
    chat >"$scratch/answer"
    answers=$(grep -c '^data: {"event":"answer",' "$scratch/answer")
    log_of chat >"$scratch/first.log"
    log_of chat >"$scratch/second.log"
    mapfile -d '' turn_variables < <(
        python3 ops/lib/bench/turn.py "$scratch/first.log" "$scratch/second.log" \
            "$postgres_programs/psql" "$DATABASE_APP_URL" "$scratch/turn.sql"
    )
    by_chat=$(rows_left_by chat)
    by_script=$(rows_left_by run_turns --transactions=1 --client=1 --jobs=1)
    [[ -n $by_chat && $by_chat == "$by_script" ]] ||
        fail "a chat leaves other rows than pgbench's script of it: $by_chat; $by_script"
}

chat() { api "${chat_path#/api/v2}" --data "@$scratch/question"; }

# log_of COMMAND...: what the app role's connections ran meanwhile, as Postgres logs it.
log_of() {
    local start
    administer "ALTER SYSTEM SET log_statement = 'all'"
    administer "SELECT pg_reload_conf()" >/dev/null
    chat >/dev/null # caches of the server, statements that are not prepared yet
    start=$(wc -c <"$state/bench-postgres.log")
    "$@" >/dev/null
    tail -c "+$((start + 1))" "$state/bench-postgres.log"
    administer "ALTER SYSTEM RESET log_statement"
    administer "SELECT pg_reload_conf()" >/dev/null
}

# Those of the relay come later, on both sides.
count_rows() {
    administer "SELECT format('SELECT %L, count(*) FROM %s', oid::regclass, oid::regclass) FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relowner = 'agentes_owner'::regrole
            AND oid NOT IN ('events.pending'::regclass, 'events.log'::regclass) ORDER BY 1" |
        while read -r query; do administer "$query"; done
}

# rows_left_by COMMAND...: by how many rows each table has grown.
rows_left_by() {
    count_rows >"$scratch/rows.before"
    "$@" >/dev/null
    { count_rows | diff "$scratch/rows.before" - || true; } | awk -F '|' '
        /^</ { before[substr($1, 3)] = $2 }
        /^>/ { print substr($1, 3), $2 - before[substr($1, 3)] }'
}
