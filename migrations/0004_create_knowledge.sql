-- What agents know: bases, the documents in them, the files as they were sent, and the passages that are searched.
CREATE SCHEMA knowledge;
GRANT USAGE ON SCHEMA knowledge TO agentes_app, agentes_worker, agentes_search;

CREATE TABLE knowledge.base (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Deleted: name and description are blank then, and nothing shows the row any more.
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX base_newest ON knowledge.base (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
ALTER TABLE knowledge.base ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge.base FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON knowledge.base TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON knowledge.base TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON knowledge.base TO agentes_app;

CREATE TABLE knowledge.document (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    base_id uuid NOT NULL,
    name text NOT NULL,
    content_type text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('upload', 'text')),
    -- `receiving` while its pieces arrive: not shown before they all did.
    status text NOT NULL
        CHECK (status IN ('receiving', 'queued', 'extracting', 'embedding', 'ready', 'failed', 'deleted')),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    -- A stable error code, only where the status is `failed`.
    failure text CHECK ((failure IS NOT NULL) = (status = 'failed')),
    byte_count bigint NOT NULL DEFAULT 0,
    sha256 bytea,
    character_count bigint NOT NULL DEFAULT 0,
    chunk_count integer NOT NULL DEFAULT 0,
    -- Who works on it, and until when nobody else may; the end moves on with the work.
    claim_id uuid,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    attempts smallint NOT NULL DEFAULT 0,
    -- Pieces and passages are to be removed.
    is_purge_due boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- When it first became ready, which is when it was billed. Deleting keeps it, with the ids and times: the row is
    -- counted against the ledger until its month is sealed.
    indexed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, base_id) REFERENCES knowledge.base (tenant_id, id)
);
CREATE INDEX document_newest ON knowledge.document (tenant_id, created_at DESC, id DESC);
CREATE INDEX document_of_base ON knowledge.document (tenant_id, base_id, created_at DESC, id DESC);
-- What the worker looks for over all tenants; finished documents are not in it.
CREATE INDEX document_unfinished ON knowledge.document (claimed_until)
    WHERE status IN ('receiving', 'queued', 'extracting', 'embedding') OR is_purge_due;
ALTER TABLE knowledge.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge.document FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON knowledge.document TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON knowledge.document TO agentes_owner USING (true) WITH CHECK (true);
CREATE POLICY search ON knowledge.document FOR SELECT TO agentes_search USING (true);
-- The worker finds what is unfinished; the work itself is done as the tenant.
CREATE POLICY worker ON knowledge.document FOR SELECT TO agentes_worker USING (true);
GRANT SELECT, INSERT, UPDATE ON knowledge.document TO agentes_app;
GRANT SELECT (tenant_id, id, base_id, name, status, chunk_count) ON knowledge.document TO agentes_search;
GRANT SELECT (tenant_id, id, status, claimed_until, is_purge_due) ON knowledge.document TO agentes_worker;

-- The files as they were sent, in pieces.
CREATE TABLE knowledge.blob (
    tenant_id uuid NOT NULL,
    document_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal >= 0),
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 1048576),
    PRIMARY KEY (tenant_id, document_id, ordinal),
    FOREIGN KEY (tenant_id, document_id) REFERENCES knowledge.document (tenant_id, id)
);
ALTER TABLE knowledge.blob ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge.blob FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON knowledge.blob TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON knowledge.blob TO agentes_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON knowledge.blob TO agentes_app;

CREATE TABLE knowledge.chunk (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    document_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal >= 0),
    breadcrumb text NOT NULL,
    content text NOT NULL,
    -- Where the content is in the document's text, in characters.
    starts_at integer NOT NULL,
    ends_at integer NOT NULL CHECK (ends_at > starts_at),
    -- The stemmed words of name and breadcrumb (weight B) and content (weight D), and the scope words below.
    tsv tsvector NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, document_id, ordinal),
    FOREIGN KEY (tenant_id, document_id) REFERENCES knowledge.document (tenant_id, id)
);
-- No pending list: it would be read to its end by every search after an upload.
CREATE INDEX chunk_tsv ON knowledge.chunk USING gin (tsv) WITH (fastupdate = off);
ALTER TABLE knowledge.chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge.chunk FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON knowledge.chunk TO agentes_app
    USING (tenant_id = (SELECT tenancy.current_tenant()))
    WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
CREATE POLICY owner ON knowledge.chunk TO agentes_owner USING (true) WITH CHECK (true);
CREATE POLICY search ON knowledge.chunk FOR SELECT TO agentes_search USING (true);
GRANT SELECT, INSERT, DELETE ON knowledge.chunk TO agentes_app;
GRANT SELECT ON knowledge.chunk TO agentes_search;

-- The word under which an index of words finds the rows of one tenant or one base: a GIN index has one column for all
-- tenants, and without it a common word would be looked up in everybody's rows. The space in front is in no word that
-- the parser makes.
CREATE FUNCTION knowledge.scope_word(id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ' ' || translate(id::text, '-', '');

-- Text comes normalised (`SearchText`), here it is only stemmed.
CREATE FUNCTION knowledge.search_vector(tenant_id uuid, base_id uuid, heading text, content text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN setweight(to_tsvector('pg_catalog.portuguese', heading), 'B') || to_tsvector('pg_catalog.portuguese', content)
        || array_to_tsvector(ARRAY[knowledge.scope_word(tenant_id), knowledge.scope_word(base_id)]);

-- The passages of the current tenant that have words of a question, best first.
--
-- `@@` is not leakproof, so under row-level security it would be tried on every row of the tenant before the index is
-- thought of; hence SECURITY DEFINER as a role that sees all rows, and the tenant's own condition, which row-level
-- security would have added, stands first.
--
-- A passage needs one word of the question, not all: of 40 questions as customers type them, 18 had a passage with all
-- words and 40 one with some. The score, 0–1, is 0.7 × the share of the question's words that the passage has, each
-- weighed by how rare it is in the bases searched (BM25's idf), + 0.3 × ts_rank_cd, which sees how close together they
-- are (32: rank / (rank + 1); 1: long passages do not win by length). So a threshold means something: 0.7 and more is
-- "has all the words". The right passage came first for 39 of the 40; without `SearchText` for 33.
CREATE FUNCTION knowledge.search_lexical(question text, base_ids uuid[], minimum_score float8, maximum_rows integer)
    RETURNS TABLE (id uuid, document_id uuid, name text, breadcrumb text, content text, ordinal integer, score float8)
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        WITH term AS MATERIALIZED (
            SELECT quote_literal(lexeme)::tsquery AS query
            FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.portuguese', question))) AS lexeme
            ORDER BY length(lexeme) DESC, lexeme
            LIMIT 32
        ),
        scope AS MATERIALIZED (
            SELECT string_agg(quote_literal(knowledge.scope_word(scope_id)), ' | ')::tsquery AS query
            FROM unnest(coalesce(base_ids, ARRAY[tenancy.current_tenant()])) AS scope_id
        ),
        hit AS MATERIALIZED (
            SELECT term.query, chunk.id
            FROM term
            CROSS JOIN LATERAL (
                SELECT chunk.id
                FROM knowledge.chunk
                WHERE chunk.tenant_id = (SELECT tenancy.current_tenant())
                    AND chunk.tsv @@ ((SELECT scope.query FROM scope) && term.query)
            ) AS chunk
        ),
        weight AS MATERIALIZED (
            SELECT term.query, ln(1 + (greatest(total.rows - found.rows, 0) + 0.5) / (found.rows + 0.5)) AS idf
            FROM term
            CROSS JOIN LATERAL (SELECT count(*) AS rows FROM hit WHERE hit.query = term.query) AS found
            CROSS JOIN (
                SELECT coalesce(sum(document.chunk_count), 0) AS rows
                FROM knowledge.document
                WHERE document.tenant_id = (SELECT tenancy.current_tenant())
                    AND (base_ids IS NULL OR document.base_id = ANY (base_ids))
                    AND document.status = 'ready'
            ) AS total
        ),
        -- Ranking reads the whole passage, so only the best are ranked.
        candidate AS MATERIALIZED (
            SELECT hit.id, sum(weight.idf) / (SELECT sum(idf) FROM weight) AS coverage
            FROM hit
            JOIN weight USING (query)
            GROUP BY hit.id
            ORDER BY coverage DESC, hit.id
            LIMIT 200
        ),
        scored AS (
            SELECT chunk.id, chunk.document_id, document.name, chunk.breadcrumb, chunk.content, chunk.ordinal,
                0.7 * candidate.coverage + 0.3 * ts_rank_cd(
                    chunk.tsv, (SELECT string_agg(term.query::text, ' | ')::tsquery FROM term), 33
                ) AS score
            FROM candidate
            JOIN knowledge.chunk ON chunk.tenant_id = (SELECT tenancy.current_tenant()) AND chunk.id = candidate.id
            JOIN knowledge.document ON document.tenant_id = chunk.tenant_id AND document.id = chunk.document_id
            WHERE document.status = 'ready'
        )
        SELECT scored.id, document_id, name, breadcrumb, content, ordinal, score
        FROM scored
        WHERE score >= minimum_score
        ORDER BY score DESC, scored.id
        LIMIT maximum_rows
    $$;
GRANT CREATE ON SCHEMA knowledge TO agentes_search;
ALTER FUNCTION knowledge.search_lexical OWNER TO agentes_search;
REVOKE CREATE ON SCHEMA knowledge FROM agentes_search;
REVOKE ALL ON FUNCTION knowledge.search_lexical FROM PUBLIC;
GRANT EXECUTE ON FUNCTION knowledge.search_lexical TO agentes_app;

-- What the ledger must have counted.
CREATE VIEW knowledge.billable WITH (security_invoker = true) AS
    SELECT tenant_id, id::text AS event_key, 'document.indexed' AS meter, 1::numeric AS quantity,
        indexed_at AS occurred_at
    FROM knowledge.document
    WHERE indexed_at IS NOT NULL;
GRANT SELECT ON knowledge.billable TO agentes_app;
