# The settings of a development server, from .local and the environment, and .local/dev.env, which hands them on.

# kept FILE COMMAND...: what the command printed the first time.
kept() {
    local file=$state/$1
    shift
    [[ -s $file ]] || "$@" | write_private "$file"
    cat "$file"
}

random_base64() { head -c 32 /dev/urandom | base64; }
webhook_secret() { printf 'whsec_%s\n' "$(random_base64)"; }

# settings_make PORT: exports what the server reads. What the environment names already stays.
settings_make() {
    PORT=$1
    BASE_URL=http://127.0.0.1:$PORT
    ENVIRONMENT=development
    MASTER_KEY=${MASTER_KEY:-$(kept master-key random_base64)}
    CLERK_ISSUER=${CLERK_ISSUER:-https://clerk.localhost}
    CLERK_AUTHORIZED_PARTIES=${CLERK_AUTHORIZED_PARTIES:-$BASE_URL,http://localhost:$PORT}
    CLERK_JWKS=${CLERK_JWKS:-$state/issuer/jwks.json}
    CLERK_WEBHOOK_SECRET=${CLERK_WEBHOOK_SECRET:-$(kept clerk-webhook-secret webhook_secret)}
    WEB_ASSETS=$web_assets
    export PORT BASE_URL ENVIRONMENT MASTER_KEY WEB_ASSETS
    export CLERK_ISSUER CLERK_AUTHORIZED_PARTIES CLERK_JWKS CLERK_WEBHOOK_SECRET
}

# For `set -a; . .local/dev.env`, and readable line by line: only what the shell would misread is quoted.
settings_write() {
    local name value
    for name in BASE_URL TOKEN DATABASE_URL REDIS_URL MASTER_KEY ENVIRONMENT PORT WEB_ASSETS \
        CLERK_ISSUER CLERK_AUTHORIZED_PARTIES CLERK_JWKS CLERK_WEBHOOK_SECRET; do
        value=${!name}
        [[ $value =~ ^[[:alnum:]_./:@%+=,-]*$ ]] || value="'${value//\'/\'\\\'\'}'"
        printf '%s=%s\n' "$name" "$value"
    done | write_private "$state/dev.env"
}
