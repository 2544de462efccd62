-- A deleted document keeps its shell: lists and counts that read the shells get slower with each file that is replaced.
DROP INDEX knowledge.document_newest;
CREATE INDEX document_newest ON knowledge.document (tenant_id, created_at DESC, id DESC) WHERE status <> 'deleted';
DROP INDEX knowledge.document_of_base;
CREATE INDEX document_of_base ON knowledge.document (tenant_id, base_id, created_at DESC, id DESC)
    WHERE status <> 'deleted';

-- As before, but where bases are named only their documents are counted: `base_ids IS NULL OR …` made every search read
-- all documents of the tenant.
CREATE OR REPLACE FUNCTION knowledge.search_lexical(question text, base_ids uuid[], minimum_score float8, maximum_rows integer)
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
                SELECT coalesce(
                    CASE
                        WHEN base_ids IS NULL THEN (
                            SELECT sum(document.chunk_count)
                            FROM knowledge.document
                            WHERE document.tenant_id = (SELECT tenancy.current_tenant())
                                AND document.status = 'ready'
                        )
                        ELSE (
                            SELECT sum(document.chunk_count)
                            FROM knowledge.document
                            WHERE document.tenant_id = (SELECT tenancy.current_tenant())
                                AND document.base_id = ANY (base_ids) AND document.status = 'ready'
                        )
                    END,
                    0
                ) AS rows
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
