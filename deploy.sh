#!/usr/bin/env bash
# Puts the checked out commit into service on this machine: builds the image, migrates the database, and puts a new
# container in the place of the running one. What does not become ready is taken out again and the old one goes on.
#
#   ./deploy.sh ENV_FILE
#
#   ENV_FILE            the server's variables (.env.example), NAME=value a line, as `--env-file` reads them
# Settings (environment):
#   CONTAINER_ENGINE    docker, or podman; docker
#   CONTAINER_NETWORK   the network in which database and Redis are found; the engine's own
#   CONTAINER_OPTIONS   how the server's container is reached; "--publish 8000:8000"
#   BUILD_OPTIONS       for the engine's build, such as "--build-arg SWIFT_VERSION=6.3"
#   READY_SECONDS       how long the new server may take; 60
#
# Migrations only go forward and only add, so the old server works on the new schema until it is replaced, and again if
# the new one is taken out. The change-over interrupts the service for a few seconds: running answers finish (at most
# SHUTDOWN_GRACE_SECONDS), dashboards reconnect by themselves, other clients get 503 with Retry-After or no connection.
# Without interruption: two servers behind a balancer, or Railway, which follows railway.json at each push.
set -euo pipefail

fail() {
    echo "error: $*" >&2
    exit 1
}

[[ $# == 1 && -r $1 ]] || fail "usage: ./deploy.sh ENV_FILE"
env_file=$(realpath "$1")
cd "$(dirname "$0")"
made_of=(Dockerfile .dockerignore Package.swift Sources Tests migrations ops)
[[ -z $(git status --porcelain -- "${made_of[@]}") ]] || fail "the image would have changes that are not committed"

engine=${CONTAINER_ENGINE:-docker}
network=(${CONTAINER_NETWORK:+--network "$CONTAINER_NETWORK"})
read -ra options <<<"${CONTAINER_OPTIONS---publish 8000:8000}"
read -ra build_options <<<"${BUILD_OPTIONS:-}"
image=agentes:$(git rev-parse --short=12 HEAD)

exists() { "$engine" container inspect "$1" &>/dev/null; }

start() {
    "$engine" run --detach --name agentes --restart unless-stopped --stop-timeout 40 --env-file "$env_file" \
        "${network[@]}" "${options[@]}" "$image" >/dev/null
}

is_ready() {
    "$engine" exec agentes sh -c 'curl --fail --silent --output /dev/null "http://127.0.0.1:${PORT:-8000}/ready"'
}

become_ready() {
    local deadline=$((SECONDS + ${READY_SECONDS:-60}))
    until is_ready &>/dev/null; do
        ((SECONDS < deadline)) || return 1
        sleep 1
    done
}

go_back() {
    echo "$image did not become ready; its log:" >&2
    "$engine" logs --tail 30 agentes >&2 || true
    "$engine" rm --force agentes >/dev/null || true
    if exists agentes-before; then
        "$engine" rename agentes-before agentes
        "$engine" start agentes >/dev/null
        fail "the server from before runs again"
    fi
    fail "no server runs"
}

"$engine" build "${build_options[@]}" --tag "$image" .
"$engine" run --rm --env-file "$env_file" "${network[@]}" "$image" agentes migrate

# Of a run that was interrupted.
if exists agentes-before && exists agentes; then "$engine" rm --force agentes-before >/dev/null; fi
if exists agentes; then
    "$engine" stop --time 40 agentes >/dev/null
    "$engine" rename agentes agentes-before
fi
start && become_ready || go_back
if exists agentes-before; then "$engine" rm agentes-before >/dev/null; fi
echo "$image is in service"
