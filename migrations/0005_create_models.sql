-- The language models that agents can answer with: platform data, the same for every tenant, so without row-level
-- security. Prices are the ledger's (analytics.price); which providers have a key is configuration.
CREATE SCHEMA models;
GRANT USAGE ON SCHEMA models TO agentes_app;

CREATE TABLE models.model (
    -- The provider's own name.
    id text PRIMARY KEY,
    provider text NOT NULL,
    display_name text NOT NULL,
    -- Tokens of prompt and answer together.
    context_window integer NOT NULL CHECK (context_window > 0),
    max_output_tokens integer NOT NULL CHECK (max_output_tokens > 0),
    takes_temperature boolean NOT NULL,
    takes_tools boolean NOT NULL,
    takes_images boolean NOT NULL,
    -- What is sent as the reasoning effort; NULL sends none.
    reasoning_effort text,
    available_from timestamptz NOT NULL,
    -- From when on it is no longer offered.
    retired_at timestamptz CHECK (retired_at > available_from)
);
GRANT SELECT ON models.model TO agentes_app;

INSERT INTO models.model VALUES
    -- Answers by quoting what the knowledge search found; needs neither key nor network.
    ('local', 'local', 'Local', 32768, 8192, true, false, false, NULL, '2026-01-01T00:00:00Z', NULL),
    -- Takes a temperature only without reasoning.
    ('gpt-5.4', 'openai', 'GPT-5.4', 1050000, 128000, true, true, true, 'none', '2026-03-05T00:00:00Z', NULL);
