# Background processes, by name: DIRECTORY/NAME.pid and .log. A process holds the lock DIRECTORY/NAME.lock from its first
# instruction to its last, so that "is it running?" needs no /proc and a pid file from before a reboot kills nobody.

# process_start DIRECTORY/NAME COMMAND...
process_start() {
    local name=$1
    shift
    exec 9>>"$name.lock"
    flock --timeout 1 9 || fail "$name is running already"
    (
        exec 8>&- # the lock of the script itself
        echo "$BASHPID" >"$name.pid"
        # A session of its own: Ctrl-C in the terminal reaches the script, which stops its processes in order.
        exec setsid "$@" >>"$name.log" 2>&1 </dev/null
    ) &
    exec 9>&-
}

process_running() { [[ -e $1.lock ]] && ! flock --shared --nonblock "$1.lock" true; }

# process_stop DIRECTORY/NAME [SIGNAL]: returns when the process and its children are gone.
process_stop() {
    local name=$1 signal=${2:-TERM} pid
    process_running "$name" || return 0
    pid=$(<"$name.pid")
    if ! kill -s "$signal" "$pid"; then
        process_running "$name" || return 0
        fail "$name (pid $pid) cannot be stopped by this user"
    fi
    if ! flock --timeout 30 "$name.lock" true; then
        say "warning: $name (pid $pid) did not stop within 30 s and is killed"
        kill -s KILL "$pid"
        flock --timeout 10 "$name.lock" true || fail "$name (pid $pid) does not die"
    fi
    rm -f "$name.pid"
}

# process_wait DIRECTORY/NAME SECONDS COMMAND...: until the command succeeds; shows the log when that does not happen.
process_wait() {
    local name=$1 deadline=$((SECONDS + $2))
    shift 2
    until "$@" &>/dev/null; do
        if ! process_running "$name" || ((SECONDS > deadline)); then
            tail -n 30 "$name.log" >&2
            fail "$name did not become ready; its log is $name.log"
        fi
        sleep 0.1
    done
}
