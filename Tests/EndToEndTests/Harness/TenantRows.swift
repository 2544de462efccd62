internal import Postgres
internal import Primitives
internal import TestSupport

/// A tenant's rows in every table, seen by the administrator.
struct TenantRows: Sendable {
    let database: TestDatabase
    let tenantID: TenantID

    /// - Parameter database: gets two functions that go through the catalogue.
    init(_ tenantID: TenantID, in database: TestDatabase) async throws {
        self.database = database
        self.tenantID = tenantID
        try await database.administrator.unsafeScript(Self.functions)
    }

    /// A hash of all rows, table by table.
    func checksum() async throws -> String {
        try await database.administrator.query(SelectChecksum(tenantID: tenantID)).first ?? ""
    }

    /// Tables in which the tenant has a row.
    func inhabitedTables() async throws -> Set<String> {
        Set(try await database.administrator.query(SelectInhabitedTables(tenantID: tenantID)))
    }

    /// Waits until the relay has moved the tenant's events on, which is the last thing that changes by itself.
    func settle() async throws {
        try await poll("the tenant's events have their places") {
            try await database.administrator.query(CountPending(tenantID: tenantID)) == [0] ? () : nil
        }
    }

    private static let functions = """
        CREATE OR REPLACE FUNCTION public.test_tenant_tables() RETURNS SETOF text LANGUAGE sql AS $$
            SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE attname = 'tenant_id' AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
        $$;
        CREATE OR REPLACE FUNCTION public.test_checksum(tenant uuid) RETURNS text LANGUAGE plpgsql AS $$
        DECLARE
            name text;
            hash text;
            total text := '';
        BEGIN
            FOR name IN SELECT * FROM public.test_tenant_tables() LOOP
                EXECUTE format(
                    'SELECT count(*) || '' '' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '''') '
                    'FROM %s AS t WHERE tenant_id = $1', name
                ) INTO hash USING tenant;
                total := total || name || ' ' || hash || chr(10);
            END LOOP;
            RETURN total;
        END $$;
        CREATE OR REPLACE FUNCTION public.test_inhabited(tenant uuid) RETURNS SETOF text LANGUAGE plpgsql AS $$
        DECLARE
            name text;
            found boolean;
        BEGIN
            FOR name IN SELECT * FROM public.test_tenant_tables() LOOP
                EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE tenant_id = $1)', name) INTO found USING tenant;
                IF found THEN RETURN NEXT name; END IF;
            END LOOP;
        END $$;
        """
}

private struct SelectChecksum: Statement {
    static let sql = "SELECT public.test_checksum($1)"
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectInhabitedTables: Statement {
    static let sql = "SELECT public.test_inhabited($1)"
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct CountPending: Statement {
    static let sql = "SELECT count(*) FROM events.pending WHERE tenant_id = $1"
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
