internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// Two organisations with the same data, and one that tries to reach the other's: through every route of the document and
/// every id in path, query and body.
@Suite("Tenants are apart", .server())
struct IsolationTests {
    @Test("With another tenant's id every route answers as if it did not exist, and changes nothing of it")
    func everyRouteAndID() async throws {
        let server = try RunningServer.current
        let document = try await APIDocument(of: server)
        let own = try await Shop.open(TestOrganization(server, named: "own"))
        let other = try await Shop.open(TestOrganization(server, named: "other"))
        let rows = try await TenantRows(other.organization.tenantID, in: server.program.database)
        try await rows.settle()
        let before = try await rows.checksum()
        var count = 0
        for operation in document.tenantOperations {
            for probe in try probes(operation, of: own, with: other) {
                count += 1
                let callers = operation.keyScope == nil ? [own.organization.admin] : [own.organization.admin, own.key]
                for (caller, client) in zip(["admin", "key"], callers) {
                    let response = try await send(probe, operation, own, as: client)
                    #expect(response.status == 404, "\(operation) with \(probe) by \(caller): \(response)")
                }
                let after = try await rows.checksum()
                #expect(after == before, "\(operation) with \(probe) changed the other tenant's rows")
            }
        }
        #expect(count >= 20, "the document was read")
        // Not by chance: the same ids work for the tenant whose they are.
        for path in ["agents/\(other.agentID)", "runs/\(other.runID)", "conversations/\(other.conversationID)"] {
            #expect(try await other.organization.admin.get("/api/v2/\(path)").status == 200)
            #expect(try await other.key.get("/api/v2/\(path)").status == 200)
        }
        _ = try await other.organization.admin.patch("/api/v2/agents/\(other.agentID)", ["name": "Rita"]).data()
        let changed = try await rows.checksum()
        #expect(changed != before, "the checksum sees a change")
    }

    @Test("What one tenant lists, reads and searches has nothing of another")
    func lists() async throws {
        let server = try RunningServer.current
        let document = try await APIDocument(of: server)
        let own = try await Shop.open(TestOrganization(server, named: "own"))
        let other = try await Shop.open(TestOrganization(server, named: "other"))
        let foreign = Set(other.ids.values).union(other.messageIDs).union([other.organization.clerkID])
        for operation in document.tenantOperations where operation.isRead && !operation.isStream {
            let filters = operation.parameters.filter { $0.location == "query" && $0.schema.isID }
            let queries = [""] + filters.map { "?\($0.name)=\(other.ids[$0.name] ?? "?")" }
            for query in queries {
                let response = try await own.send(operation, as: own.organization.admin, query: query)
                let isFound = response.status == 200 || response.status == 404 && !query.isEmpty
                #expect(isFound, "\(operation)\(query): \(response)")
                let strangers = foreign.filter { response.text.contains($0) }
                #expect(strangers.isEmpty, "\(operation)\(query) shows \(strangers)")
                guard !query.isEmpty else { continue }
                let nobody = "?\(filters[0].name)=\(RunID.next())"
                let unknown = try await own.send(operation, as: own.organization.admin, query: nobody)
                #expect(
                    response.errorCode == unknown.errorCode
                        && response.json?["data"]?.withoutMoment == unknown.json?["data"]?.withoutMoment,
                    "\(operation) tells another tenant's id from one that does not exist"
                )
            }
        }
        let search: JSON = ["query": "plano Profissional", "top_k": 20]
        let found = try await own.organization.admin.post("/api/v2/knowledge/search", search).data()
        let documents = Set((found["results"]?.array ?? []).compactMap { $0["document_id"]?.string })
        #expect(documents == [own.documentID])
    }

    @Test("Without a tenant the application sees no row in any of the tables that a day's work fills")
    func withoutTenant() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let database = server.program.database
        let rows = try await TenantRows(shop.organization.tenantID, in: database)
        let inhabited = try await rows.inhabitedTables()
        #expect(
            inhabited.isSuperset(of: [
                "agents.agent", "agents.conversation", "agents.message", "agents.run", "agents.conversion",
                "knowledge.base", "knowledge.document", "knowledge.chunk", "knowledge.blob", "events.event",
                "analytics.usage_event", "analytics.usage_key", "tenancy.organization", "tenancy.api_key",
            ])
        )
        // The script names each table that shows a row.
        try await database.app.unsafeScript(
            """
            DO $$
            DECLARE name text; seen boolean; leaks text := '';
            BEGIN
                FOR name IN SELECT pg_class.oid::regclass FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
                    WHERE attname = 'tenant_id' AND relkind IN ('r', 'p', 'v')
                        AND has_table_privilege(pg_class.oid, 'SELECT')
                LOOP
                    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO seen;
                    IF seen THEN leaks := leaks || ' ' || name; END IF;
                END LOOP;
                SELECT EXISTS (SELECT FROM knowledge.search_lexical('plano', NULL, 0, 10)) INTO seen;
                IF seen THEN leaks := leaks || ' knowledge.search_lexical'; END IF;
                IF leaks <> '' THEN RAISE EXCEPTION 'rows without a tenant:%', leaks; END IF;
            END $$
            """
        )
    }

    /// A request of one tenant with one id of another.
    private enum Probe: CustomStringConvertible {
        case path(name: String, id: String)
        case body(place: String, JSON)

        var description: String {
            switch self {
            case .path(let name, _): "path \(name)"
            case .body(let place, _): "body \(place)"
            }
        }
    }

    private func probes(_ operation: APIDocument.Operation, of own: Shop, with other: Shop) throws -> [Probe] {
        var probes: [Probe] = []
        for parameter in operation.parameters where parameter.location == "path" && parameter.schema.isID {
            probes.append(.path(name: parameter.name, id: try other.id(named: parameter.name)))
        }
        let valid = try own.validBody(of: operation)
        for (_, schema) in operation.bodies {
            for place in try schema.idPlaces() {
                let id = JSON.string(try other.id(named: place.name))
                let value: JSON = place.isList ? [id] : id
                probes.append(.body(place: place.name, (valid ?? [:]).setting(place.name, value)))
            }
        }
        return probes
    }

    private func send(
        _ probe: Probe,
        _ operation: APIDocument.Operation,
        _ own: Shop,
        as client: APIClient
    ) async throws -> APIResponse {
        switch probe {
        case .path(let name, let id): try await own.send(operation, as: client, path: [name: id])
        case .body(_, let body): try await own.send(operation, as: client, body: body)
        }
    }
}

extension Shop {
    fileprivate func id(named name: String) throws -> String {
        guard let id = ids[name] else { throw ProgramFailure("no test id for \(name): add it to Shop.ids") }
        return id
    }
}

extension APISchema {
    /// The properties that hold an id, or a list of ids.
    ///
    /// Ids deeper down have no test yet, so there may be none.
    fileprivate func idPlaces() throws -> [(name: String, isList: Bool)] {
        for property in properties {
            let inner = property.schema.items ?? property.schema
            let deeper = inner.properties.filter(\.schema.isID).map { "\(property.name).\($0.name)" }
            guard deeper.isEmpty else { throw ProgramFailure("ids inside of objects are to be tried too: \(deeper)") }
        }
        return properties.compactMap { property in
            let isList = property.schema.items?.isID == true
            return property.schema.isID || isList ? (property.name, isList) : nil
        }
    }
}

extension JSON {
    fileprivate func setting(_ name: String, _ value: JSON) -> JSON {
        var object = object ?? JSONObject()
        object[name] = value
        return .object(object)
    }

    /// Without the moment at which it was asked.
    fileprivate var withoutMoment: JSON {
        guard case .object(var object) = self else { return self }
        object["as_of"] = nil
        return .object(object)
    }
}
