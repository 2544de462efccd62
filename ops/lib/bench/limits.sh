# What a tenant at its limit costs its neighbour, beside a running server (BASE_URL, `agentes`, `administer`, `seconds`).

# Prints the neighbour's 99th percentile divided by the same without the other tenant.
measure_neighbour() {
    local token limited ratio busy quiet refused admitted
    token=$(bench_token org_neighbour)
    limited=$(bench_token org_limited)
    # Makes the organization where there is none yet.
    curl --silent --noproxy '*' --output /dev/null --header "Authorization: Bearer $limited" "$BASE_URL/api/v2/agents"
    administer "UPDATE tenancy.organization SET limits = '{\"read_per_minute\": 60}' WHERE clerk_id = 'org_limited'"
    sleep 5.1 # until the server has read it
    read -r ratio busy quiet refused admitted < <(
        python3 ops/lib/bench/neighbour.py "${BASE_URL##*:}" "$token" "$limited" "$seconds"
    ) || fail "the neighbours told nothing"
    say "   neighbour's p99 $busy ms beside a tenant of which $refused requests were refused and $admitted not, $quiet ms alone"
    echo "$ratio"
}

bench_token() {
    "$agentes" dev token --directory "$state/issuer" --ttl 12h --organization "$1" --user "user_$1"
}
