# Event streams recorded from OpenAI's Responses API, for Tests/LanguageModelsTests: the source distribution of
# pydantic-ai (MIT) carries the tests of its repository (pydantic/pydantic-ai, tag v1.0.0) with their recordings.

recorded_responses=$state/recorded-responses

ensure_recorded_responses() { [[ -d $recorded_responses ]] || fetch_recorded_responses; }

fetch_recorded_responses() {
    local download
    say "fetching recorded responses"
    download=$(mktemp -d "$state/download.XXXXXX")
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary=pydantic-ai --dest "$download" \
        pydantic-ai==1.0.0 >&2
    mkdir "$download/responses"
    python3 - "$download"/pydantic_ai-*.tar.gz "$download/responses" <<'PYTHON'
import pathlib, sys, tarfile, yaml

archive, folder = sys.argv[1:]
with tarfile.open(archive) as tar:
    for member in tar:
        path = pathlib.PurePath(member.name)
        if path.parent.name != "test_openai_responses" or path.suffix != ".yaml":
            continue
        for number, interaction in enumerate(yaml.safe_load(tar.extractfile(member))["interactions"]):
            body = interaction["response"].get("body", {}).get("string", "")
            body = body.encode() if isinstance(body, str) else body
            if body.startswith(b"event: "):
                pathlib.Path(folder, f"{path.stem}-{number}.sse").write_bytes(body)
PYTHON
    mv "$download/responses" "$recorded_responses"
    rm -rf "$download"
}
