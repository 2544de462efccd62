# A private PgBouncer on 127.0.0.1 in transaction mode, in front of a cluster that postgres_start has started.

# pgbouncer_start NAME PORT POSTGRES-PORT USER=PASSWORD...: for every database of the cluster; writes its URL, without
# user and database, to .local/NAME.url.
pgbouncer_start() {
    local name=$1 port=$2 postgres_port=$3 program account
    shift 3
    program=$(PATH=$PATH:/usr/sbin command -v pgbouncer)
    postgres_choose_user # it too refuses to run as root
    local directory=$postgres_home
    [[ $directory == "$state" ]] || directory=$postgres_home/$(cksum <<<"$project" | cut -d' ' -f1)
    mkdir -p "$directory"
    for account in "$@"; do
        printf '"%s" "%s"\n' "${account%%=*}" "${account#*=}"
    done | write_private "$directory/$name.users"
    cat >"$directory/$name.ini" <<INI
[databases]
* = host=127.0.0.1 port=$postgres_port

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $directory/$name.users
pool_mode = transaction
max_client_conn = 2000
; Of each role in each database: fewer than the server's pool, so that clients do take turns.
default_pool_size = 4
; A database that a test drops is not kept from it.
server_idle_timeout = 10
log_connections = 0
log_disconnections = 0
INI
    if is_root; then chown postgres: "$directory/$name".{users,ini}; fi
    process_start "$state/$name" "${postgres_user[@]}" "$program" "$directory/$name.ini"
    process_wait "$state/$name" 30 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
    echo "postgres://127.0.0.1:$port" >"$state/$name.url"
}

# INT waits for clients; TERM, from PgBouncer 1.23 on, too: QUIT ends it at once.
pgbouncer_stop() { process_stop "$state/$1" QUIT; }

pgbouncer_remove() {
    postgres_choose_user
    rm -f "$state/$1".{url,log,lock,users,ini} "$postgres_home/$(cksum <<<"$project" | cut -d' ' -f1)/$1".{users,ini}
}
