# The settings of a development server, from .local and the environment, and .local/dev.env, which hands them on.

# settings_make PORT PROGRAM: exports what the server reads. What the environment names already stays.
settings_make() {
    local issuer=$state/issuer
    PORT=$1
    BASE_URL=http://127.0.0.1:$PORT
    ENVIRONMENT=development
    WEB_ASSETS=$web_assets
    [[ -s $state/master-key ]] || head -c 32 /dev/urandom | base64 | write_private "$state/master-key"
    MASTER_KEY=${MASTER_KEY:-$(<"$state/master-key")}
    export PORT BASE_URL ENVIRONMENT WEB_ASSETS MASTER_KEY

    # The local issuer of tokens, in Clerk's place.
    "$2" dev keys --directory "$issuer"
    CLERK_ISSUER=${CLERK_ISSUER:-https://clerk.localhost}
    CLERK_AUTHORIZED_PARTIES=${CLERK_AUTHORIZED_PARTIES:-$BASE_URL,http://localhost:$PORT}
    CLERK_JWKS=${CLERK_JWKS:-$issuer/jwks.json}
    CLERK_WEBHOOK_SECRET=${CLERK_WEBHOOK_SECRET:-$(<"$issuer/webhook.secret")}
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
