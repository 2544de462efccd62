# The server as an image: built with the Swift toolchain, run on Debian's libraries alone, not as root.
#
#   docker build --tag agentes .
#   docker run --rm --env-file agentes.env agentes agentes migrate
#   docker run --detach --env-file agentes.env --publish 8000:8000 --stop-timeout 40 agentes
#
# What goes into agentes.env: .env.example.

ARG SWIFT_VERSION=6.3
ARG DEBIAN_RELEASE=bookworm

FROM swift:${SWIFT_VERSION}-${DEBIAN_RELEASE} AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        pkg-config libpq-dev libhiredis-dev libssl-dev libjwt-dev python3 python3-pip unzip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# Swagger UI and ReDoc, for /docs and /redoc.
COPY ops/lib/base.sh ops/lib/web-assets.sh ops/lib/
RUN bash -c '. ops/lib/base.sh && . ops/lib/web-assets.sh && ensure_web_assets && chmod -R go+rX "$web_assets"'
# Every folder that Package.swift names.
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build --configuration release --product agentes --static-swift-stdlib \
    && install -s "$(swift build --configuration release --show-bin-path --static-swift-stdlib)/agentes" /usr/local/bin/

FROM debian:${DEBIAN_RELEASE}-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates curl tzdata libpq5 libhiredis0.14 libssl3 libjwt0 pandoc \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin agentes
COPY --from=build /usr/local/bin/agentes /usr/local/bin/agentes
COPY --from=build /build/.local/web-assets /srv/agentes/web-assets
COPY migrations /srv/agentes/migrations
WORKDIR /srv/agentes
ENV WEB_ASSETS=/srv/agentes/web-assets
USER agentes
EXPOSE 8000
# Alive, not ready: a database that is away is no reason to restart the server. `agentes work` answers on its own port.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD curl --fail --silent --output /dev/null "http://127.0.0.1:${PORT:-8000}/health" \
        || curl --fail --silent --output /dev/null "http://127.0.0.1:${WORK_PORT:-8001}/health"
CMD ["agentes", "serve"]
