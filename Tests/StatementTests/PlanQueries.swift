internal import Postgres
internal import Primitives

/// Lets any role read a plan; a `Statement`'s own SQL is static.
let explainFunction = """
    CREATE FUNCTION public.explained(command text, is_executed boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
        DECLARE plan jsonb;
        BEGIN
            EXECUTE format('EXPLAIN (ANALYZE %s, VERBOSE, COSTS OFF, FORMAT JSON) %s', is_executed::int, command) INTO plan;
            RETURN plan;
        END $$
    """

struct ExplainExecution: Statement {
    static let sql = """
        SELECT public.explained(format('EXECUTE %I', $1::text) || coalesce('(' || nullif($2, '') || ')', ''), true)
        """
    let name: String
    let arguments: String

    var bindings: Bindings { [name, arguments] }

    static func decode(_ row: inout RowReader) throws -> JSON { try row.read() }
}

/// The plan for any arguments, without running it.
struct ExplainWithoutArguments: Statement {
    static let sql = """
        SELECT public.explained(
            format('EXECUTE %I', name) || coalesce(
                '(' || (SELECT string_agg('NULL', ', ') FROM unnest(parameter_types)) || ')', ''
            ),
            false
        )
        FROM pg_prepared_statements, set_config('plan_cache_mode', 'force_generic_plan', true) WHERE name = $1
        """
    let name: String

    var bindings: Bindings { [name] }

    static func decode(_ row: inout RowReader) throws -> JSON { try row.read() }
}

/// Arguments that suit the parameters' types: those of row 8 of the big tenant, where they are ids.
struct SuggestArguments: Statement {
    static let sql = """
        SELECT coalesce(string_agg(
            CASE
                WHEN statement ~ format('tenant_id = \\$%s\\M', number) THEN 'tenant(1)'
                WHEN type = 'uuid'::regtype THEN 'id(8)'
                WHEN type = 'uuid[]'::regtype THEN 'ARRAY[id(8)]'
                WHEN type = 'text'::regtype THEN quote_literal('text')
                WHEN type = 'timestamptz'::regtype THEN 'now()'
                WHEN type = ANY (ARRAY['int2', 'int4', 'int8', 'numeric', 'float8']::regtype[]) THEN '20'
                WHEN type = 'jsonb'::regtype THEN quote_literal('{}')
                ELSE 'NULL'
            END,
            ', ' ORDER BY number
        ), '')
        FROM pg_prepared_statements, unnest(parameter_types) WITH ORDINALITY AS parameter (type, number)
        WHERE name = $1
        """
    let name: String

    var bindings: Bindings { [name] }

    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

/// The tables and views that the transaction has locked, and whether also for reading; catalogues left out.
struct SelectLockedRelations: Statement {
    static let sql = """
        SELECT nspname || '.' || relname, bool_or(mode IN ('AccessShareLock', 'RowShareLock'))
        FROM pg_locks
        JOIN pg_class ON pg_class.oid = relation AND relkind IN ('r', 'p', 'v', 'm')
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE pid = pg_backend_pid() AND nspname !~ '^pg_' AND nspname <> 'information_schema'
        GROUP BY 1
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> (name: String, isRead: Bool) {
        (try row.read(), try row.read())
    }
}

/// Tables and partitions with so many rows that reading all of them shows.
struct SelectBigTables: Statement {
    static let sql = """
        SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p') AND reltuples > 10000 AND nspname <> 'public'
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

/// Tables of tenants that have no big tenant.
struct SelectSmallTables: Statement {
    static let sql = """
        SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND reltuples < 100000 AND nspname <> 'public'
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

/// A function that runs as its owner.
struct DefinerFunction: Sendable {
    /// With the types of its parameters.
    let signature: String
    let owner: String
    let language: String
    /// With `$1`, … for its arguments.
    let call: String
}

struct SelectDefinerFunctions: Statement {
    static let sql = """
        SELECT pg_proc.oid::regprocedure::text, proowner::regrole::text, lanname::text,
            format('%I.%I(%s)', nspname, proname, (
                SELECT string_agg(format('$%s::%s', number, format_type(type, NULL)), ', ' ORDER BY number)
                FROM unnest(proargtypes) WITH ORDINALITY AS argument (type, number)
            ))
        FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace JOIN pg_language ON pg_language.oid = prolang
        WHERE prosecdef AND nspname !~ '^pg_' AND nspname <> 'information_schema'
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> DefinerFunction {
        DefinerFunction(
            signature: try row.read(),
            owner: try row.read(),
            language: try row.read(),
            call: try row.read()
        )
    }
}
