# A private Redis on 127.0.0.1.

# redis_start NAME PORT [OPTION...]: writes its URL to .local/NAME.url. Options are redis.conf's, as --save "".
redis_start() {
    local name=$1 port=$2
    shift 2
    mkdir -p "$state/$name.data"
    process_start "$state/$name" redis-server --bind 127.0.0.1 --port "$port" --dir "$state/$name.data" "$@"
    process_wait "$state/$name" 30 redis-cli -h 127.0.0.1 -p "$port" ping
    write_private "$state/$name.url" <<<"redis://127.0.0.1:$port"
}

redis_stop() { process_stop "$state/$1"; }

redis_remove() { rm -rf "$state/$1".{data,url,log,lock}; }
