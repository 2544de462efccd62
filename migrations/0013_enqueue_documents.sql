-- Documents are indexed, purged and given up by jobs, which are made in the transaction that says so: nobody looks for
-- unfinished documents any more, and whose work one is, its job's claim says.

-- A transaction that is to commit only while its job is still the worker's locks the job's row, for which there must be a
-- column that may be updated.
GRANT UPDATE (created_at) ON jobs.job TO agentes_app;

-- What a server of the version before has claimed waits until that claim would have ended: it cannot be renewed.
INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts, unique_key)
    SELECT tenant_id, gen_random_uuid(), 'documents',
        CASE
            WHEN is_purge_due THEN 'knowledge.purge_document'
            WHEN status = 'receiving' THEN 'knowledge.expire_upload'
            ELSE 'knowledge.index_document'
        END,
        jsonb_build_object('document_id', id), 2, greatest(now(), claimed_until), 20, id::text
    FROM knowledge.document
    WHERE status IN ('receiving', 'queued', 'extracting', 'embedding') OR is_purge_due;

DROP POLICY worker ON knowledge.document;
REVOKE ALL ON knowledge.document FROM agentes_worker;
REVOKE USAGE ON SCHEMA knowledge FROM agentes_worker;
DROP INDEX knowledge.document_unfinished;
ALTER TABLE knowledge.document
    DROP COLUMN claim_id, DROP COLUMN claimed_until, DROP COLUMN attempts, DROP COLUMN is_purge_due;
