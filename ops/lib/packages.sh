# What the build, the services and the server need from the system. Only what is missing is installed; where nothing is,
# apt is not called at all.

missing_packages=()

# needs PACKAGE COMMAND...: the package is missing when the command fails.
needs() {
    local package=$1
    shift
    "$@" &>/dev/null || missing_packages+=("$package")
}

ensure_packages() {
    needs pkg-config command -v pkg-config
    needs libpq-dev pkg-config --exists libpq
    needs libhiredis-dev pkg-config --exists hiredis
    needs libssl-dev pkg-config --exists openssl
    needs libjwt-dev pkg-config --exists libjwt
    needs redis-server command -v redis-server
    needs pandoc command -v pandoc
    needs curl command -v curl
    needs unzip command -v unzip
    needs python3 command -v python3
    needs python3-pip python3 -m pip --version

    command -v swift >/dev/null || fail "Swift 6.3 is not on the PATH: https://www.swift.org/install/linux"
    if ((${#missing_packages[@]} > 0)); then
        apt_install "${missing_packages[@]}"
    fi
}

apt_install() {
    local by_hand="please install by hand: $*"
    command -v apt-get >/dev/null || fail "this is not Debian or Ubuntu; $by_hand"
    can_be_root || fail "not root and no sudo; $by_hand"

    say "installing $*"
    apt_update
    without_services apt_get install --no-install-recommends "$@"
}

# Once a run: the lists of a fresh machine are empty, those of an old one name versions that are gone.
apt_update() {
    [[ -z ${apt_updated:-} ]] || return 0
    apt_get update || say "warning: apt's lists could not be renewed"
    apt_updated=yes
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --yes -o Dpkg::Use-Pty=0 "$@" >>"$state/apt.log"; }

# Debian starts a service as soon as its package is unpacked; ours are private, so the answer here is "forbidden" (101).
# https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
without_services() (
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    "$@"
)
