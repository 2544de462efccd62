# Swagger UI 5 and ReDoc, served by ourselves at /docs and /redoc: from the Python wheel fastapi-offline, which is
# renewed with their releases (swagger-ui-bundle stays at 4.15, which cannot show OpenAPI 3.1).

web_assets=$state/web-assets

ensure_web_assets() {
    [[ -d $web_assets ]] || fetch_web_assets
    # ReDoc shows its maker's logo from their host; ours asks no other host for anything.
    sed -i 's#https://cdn\.redoc\.ly/redoc/logo-mini\.svg#/docs/favicon.png#g' "$web_assets/redoc.standalone.js"
}

fetch_web_assets() {
    local download wheel
    say "fetching Swagger UI and ReDoc"
    download=$(mktemp -d "$state/download.XXXXXX")
    wheel=$(download_wheel fastapi-offline "$download")
    unzip -q -j "$wheel" fastapi_offline/static/swagger-ui-bundle.js fastapi_offline/static/swagger-ui.css \
        fastapi_offline/static/redoc.standalone.js fastapi_offline/static/favicon.png -d "$download/web-assets"
    mv "$download/web-assets" "$web_assets"
    rm -rf "$download"
}
