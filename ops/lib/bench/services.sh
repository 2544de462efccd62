# The services of ops/bench, and what is in them.

postgres_connections=8
organization=org_bench

stop_services() {
    process_stop "$state/bench-server"
    postgres_stop bench-postgres
    redis_stop bench-redis
}

remove_services() {
    postgres_remove bench-postgres
    redis_remove bench-redis
    rm -rf "$scratch" "$state"/bench-server.{log,lock}
}

start_services() {
    stop_services # of a run that was killed
    remove_services
    mkdir "$scratch"
    postgres_start bench-postgres "$(free_port)" --log_line_prefix='%u|%v|'
    redis_start bench-redis "$(free_port)" --save ''
    unset SUPABASE_DB_URL DATABASE_{DIRECT,WORKER}_URL DATABASE_{PREPARED_STATEMENTS,BEHIND_POOLER}
    DATABASE_URL=$(<"$state/bench-postgres.url")
    REDIS_URL=$(<"$state/bench-redis.url")
    export DATABASE_URL REDIS_URL DATABASE_POOL_SIZE=$postgres_connections
    export RATE_LIMIT_{TENANT,USER,ADDRESS,FAILED_AUTHENTICATION}=10000000 LIVE_STREAMS_{TENANT,USER}=10000000 \
        LOCAL_PROVIDER_PACE_MS=0 STREAM_PACE_MS=0 OUTBOUND_ALLOW_LOOPBACK=true
}

administer() { "$postgres_programs/psql" "$DATABASE_URL" -X --quiet --tuples-only --no-align --command "$1"; }

# The roles get a password that pgbench and Tests/Bench can be given; the worker's connections may have statements timed.
migrate() {
    local password
    "$agentes" migrate >&2
    password=$(random_secret)
    administer "ALTER ROLE agentes_app PASSWORD '$password'"
    administer "ALTER ROLE agentes_worker PASSWORD '$password'"
    administer "GRANT SET ON PARAMETER log_min_duration_statement TO agentes_worker"
    export DATABASE_APP_URL=postgres://agentes_app:$password@${DATABASE_URL#*@}
    export DATABASE_WORKER_URL=postgres://agentes_worker:$password@${DATABASE_URL#*@}
}

start_server() {
    process_start "$state/bench-server" "$agentes" serve
    process_wait "$state/bench-server" 60 curl --silent --fail --noproxy '*' "$BASE_URL/ready"
    token=$("$agentes" dev token --directory "$state/issuer" --ttl 12h --organization "$organization" --user user_bench)
}

api() {
    local path=$1
    shift
    curl --silent --show-error --fail-with-body --noproxy '*' --header "Authorization: Bearer $token" \
        --header "Content-Type: application/json" "$BASE_URL/api/v2$path" "$@"
}

field() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }

# 20 agents through the API, the same for each of 99 other tenants, so that the tenant's rows are a part of the table.
# Then a passage for the last of them to answer from.
seed() {
    local i base document
    for i in {1..20}; do
        agent=$(api /agents --data @- <<JSON | field '["data"]["id"]'
{
  "name": "Clara $i, da Loja Aurora",
  "description": "Tira dúvidas sobre planos e prazos e leva o visitante ao teste grátis.",
  "system_prompt": "Você é Clara, consultora da Loja Aurora. Responda em português, com base nos documentos da loja.",
  "model_id": "local",
  "interface_config": {"color": "#0a7", "position": "right"},
  "goals": [{"name": "teste grátis", "value": 49.9}]
}
JSON
        )
    done
    tenant=$(administer "SELECT DISTINCT tenant_id FROM agents.agent")
    administer "INSERT INTO agents.agent
        SELECT (jsonb_populate_record(agent, jsonb_build_object('tenant_id', other))).*
        FROM agents.agent, (SELECT gen_random_uuid() AS other FROM generate_series(1, 99)) AS others"
    administer "VACUUM ANALYZE agents.agent"
    base=$(api /knowledge/bases --data '{"name": "Loja Aurora"}' | field '["data"]["id"]')
    document=$(api /knowledge/text --data @- <<JSON | field '["data"]["id"]'
{
  "name": "Frete",
  "knowledge_base_id": "$base",
  "content": "# Frete\n\nO frete para todo o Brasil custa R\$ 12,90 e é grátis acima de R\$ 150. Os pedidos saem no mesmo dia quando o pagamento é confirmado até as 14h, e chegam em até cinco dias úteis."
}
JSON
    )
    until [[ $(api "/knowledge/documents/$document" | field '["data"]["status"]') == ready ]]; do sleep 0.1; done
    api "/agents/$agent" --request PATCH --data "{\"knowledge_base_id\": \"$base\"}" --output /dev/null
    chat_path=/api/v2/agents/$agent/chat/stream
    echo '{"messages":[{"role":"user","content":"Quanto custa o frete para São Paulo?"}]}' >"$scratch/question"
}
