# Sourced first by every script of ops/: strict mode, where things are, how to speak and how to become root.

set -euo pipefail
export LC_ALL=C.UTF-8

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$project"

# Everything the scripts make: data, logs, downloads. Never committed. Others may pass through it (Postgres runs as its
# own user when we are root) but not list it.
state="$project/.local"
mkdir -p "$state"
chmod 711 "$state"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

is_root() { [[ $(id -u) == 0 ]]; }

can_be_root() { is_root || command -v sudo >/dev/null; }

as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

# Runs one named phase of a script and says how long it took.
phase() {
    local name=$1 started=$SECONDS
    shift
    say "── $name"
    "$@"
    say "── $name: $((SECONDS - started)) s"
}

# 32 random bytes in hexadecimal.
random_secret() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# write_private FILE: the standard input, readable by us alone from the first byte.
write_private() (
    umask 077
    cat >"$1"
)

# free_port [PREFERRED]: the preferred port of 127.0.0.1 when nobody listens there, else any free one.
free_port() {
    python3 - "${1:-0}" <<'PYTHON'
import socket, sys

for port in (int(sys.argv[1]), 0):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(probe.getsockname()[1])
        break
PYTHON
}

# download_wheel NAME DIRECTORY [PIP OPTION...]: fetches a Python wheel without installing it and prints its path.
download_wheel() {
    local name=$1 directory=$2
    shift 2
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --dest "$directory" "$@" "$name" >&2
    ls "$directory"/*.whl
}

# The flags of every debug build, so that ops/test and ops/run share one: without debug information it is half the work.
debug_build=(-debug-info-format none)
