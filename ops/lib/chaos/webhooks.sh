# What was promised of webhooks.

count_webhooks() {
    local deliveries="WITH delivery AS (
            SELECT delivery.*, kind IN ('healthy', 'rated', 'rotates', 'throttles') AS is_healthy, (
                SELECT count(*) FROM chaos.received
                WHERE endpoint_id = delivery.endpoint_id AND event_id = delivery.event_id
            ) AS requests, (
                SELECT count(*) FROM webhooks.attempt
                WHERE tenant_id = delivery.tenant_id AND endpoint_id = delivery.endpoint_id
                    AND event_id = delivery.event_id
            ) AS rows
            FROM webhooks.delivery JOIN chaos.endpoint ON id = endpoint_id
        )"
    local attempts="WITH attempt AS (
            SELECT attempt.*, kind, row_number() OVER (PARTITION BY endpoint_id ORDER BY started_at) AS place,
                lag(outcome) OVER each AS outcome_before, lag(finished_at) OVER each AS finished_before,
                lag(status) OVER each AS status_before
            FROM webhooks.attempt JOIN chaos.endpoint ON id = endpoint_id
            WINDOW each AS (PARTITION BY endpoint_id, event_id ORDER BY number)
        )"
    say "   $(administer "$deliveries SELECT format('%s events committed, %s deliveries, %s attempts, %s requests;'
            || ' of %s to healthy receivers %s arrived, %s more than once',
        (SELECT count(*) FROM chaos.happening), count(*), sum(rows), sum(requests), count(*) FILTER (WHERE is_healthy),
        count(*) FILTER (WHERE is_healthy AND requests > 0), count(*) FILTER (WHERE is_healthy AND requests > 1)) FROM delivery")"
    say "   $(administer "SELECT string_agg(format('%s %s', count, kind), ', ' ORDER BY kind) FROM (
        SELECT kind, count(*) FROM chaos.received JOIN chaos.endpoint ON id = endpoint_id GROUP BY kind) AS requests")"
    administer "SELECT count(*) FROM chaos.happening" | grep -qE "[0-9]{2}" || fail "nothing happened"

    promise "A-1 deliveries missing, or of nobody's" "SELECT count(*) FROM (
            SELECT event.id, endpoint.id AS endpoint_id FROM chaos.happening
            JOIN events.event ON event.id = event_id JOIN webhooks.endpoint USING (tenant_id)
            WHERE event.type = ANY (event_types)
        ) AS wanted FULL JOIN webhooks.delivery
            ON delivery.event_id = wanted.id AND delivery.endpoint_id = wanted.endpoint_id
        WHERE wanted.id IS NULL OR delivery.event_id IS NULL"
    promise "A-1 requests of what was rolled back" "SELECT count(*) FROM chaos.received
        WHERE event_id NOT IN (SELECT event_id FROM chaos.happening)"
    promise "A-1 committed events that never reached a healthy receiver" "$deliveries SELECT count(*) FROM delivery
        WHERE is_healthy AND requests = 0"
    promise "A-1 deliveries to healthy receivers that have not succeeded" "$deliveries SELECT count(*) FROM delivery
        WHERE is_healthy AND state <> 'succeeded'"
    promise "A-1 deliveries that succeeded without having arrived" "$deliveries SELECT count(*) FROM delivery
        WHERE state = 'succeeded' AND (requests = 0 OR NOT is_healthy)"
    promise "A-2 requests beyond their attempts' rows" "$deliveries SELECT coalesce(sum(greatest(requests - rows, 0)), 0)::int
        FROM delivery"
    promise "A-3 events whose bytes were not the same each time" "SELECT count(*) FROM (
            SELECT FROM chaos.received GROUP BY event_id HAVING count(DISTINCT digest) > 1
        ) AS changed"
    promise "A-3 requests whose signature standardwebhooks or svix refused" "SELECT count(*) FROM chaos.received
        WHERE NOT is_signed AND NOT is_signed_anew"
    promise "A-4 attempts sooner after a failure than the schedule or Retry-After says" "$attempts SELECT count(*) FROM attempt
        WHERE outcome_before = 'failed' AND started_at < coalesce((SELECT min(at) FROM chaos.hurry), 'infinity')
            AND started_at < finished_before + interval '1 second' * CASE status_before WHEN 429 THEN 7 ELSE 5 END"
    # Who began before the others knew may be a moment late.
    promise "A-4 attempts of others at a receiver that asked for a pause" "$attempts SELECT count(*) FROM attempt JOIN attempt AS
        slow USING (endpoint_id) WHERE slow.status = 429
            AND attempt.started_at - slow.finished_at BETWEEN interval '2 seconds' AND interval '6.9 seconds'"
    promise "A-4 attempts after a 410" "$attempts SELECT count(*) FROM attempt
        JOIN webhooks.endpoint ON endpoint.id = endpoint_id WHERE started_at > disabled_at + interval '2 seconds'"
    promise "A-5 peers that were not the address that was checked, and redirects followed" "SELECT
        (SELECT count(*) FROM webhooks.attempt WHERE address <> '127.0.0.1') + count(*) FROM chaos.received WHERE is_elsewhere"
    elsewhere "A-5 addresses that are refused" "AddressPolicyTests, BlockedCallTests; FailureTests, \"A-5\""
    promise "A-6 attempts that outlasted their deadline by two seconds, or kept more than 16 KiB" "SELECT count(*)
        FROM webhooks.attempt JOIN webhooks.endpoint ON endpoint.id = endpoint_id
        WHERE duration_ms > timeout_seconds * 1000 + 2000 OR octet_length(response_body) > 16384"
    elsewhere "A-6 64 KiB are read of a body without an end" "FailureTests, \"A-6\"; ExchangeTests"
    promise "A-7 moments at which one tenant had over half of the slots of first attempts" "SELECT count(*) FROM chaos.moment
        WHERE greedy_tenants > 0"
    elsewhere "A-7 what hangs delays nobody else" "FairnessTests, \"A-7\"; ops/bench (l)"
    promise "A-8 attempts beyond ten a second, and a second's" "$attempts SELECT count(*) FROM attempt JOIN attempt AS later
        USING (kind) WHERE kind = 'rated' AND later.place > attempt.place AND later.place - attempt.place + 1 >
            10 * (extract(epoch FROM later.started_at - attempt.started_at) + 1) + 1"
    elsewhere "A-8 to a tenth of a second" "RateTests, \"A-8\""
    count_rotation
}

# A request says in which second it was signed, a moment after its secrets were read.
count_rotation() {
    local rotated="SELECT count(*) FROM chaos.received JOIN chaos.rotation USING (endpoint_id) WHERE signed_at"
    local grace="BETWEEN extract(epoch FROM began) + 1 AND floor(extract(epoch FROM ended)) - 1"
    local after="> extract(epoch FROM ended) + 1"
    promise "A-9 requests of $(administer "$rotated $grace") during the grace that one secret did not verify" \
        "$rotated $grace AND NOT (is_signed AND is_signed_anew)"
    promise "A-9 requests of $(administer "$rotated $after") after it that the old secret verified, or the new one not" \
        "$rotated $after AND (is_signed OR NOT is_signed_anew)"
}
