internal import Primitives
internal import Tenancy

/// An API key that an organisation's admin made over HTTP.
struct TestKey: Sendable {
    let id: String
    /// Its whole text.
    let secret: String
    /// A server that uses it.
    let client: APIClient
}

extension TestOrganization {
    static let allScopes = KeyScope.allCases.map(\.rawValue)

    func createKey(
        _ scopes: [String] = allScopes,
        _ members: [(String, JSON)] = [],
        by user: String = "user_admin"
    ) async throws -> TestKey {
        let body = [("name", "Loja"), ("scopes", JSON.array(scopes.map(JSON.string)))] + members
        let admin = APIClient(server, token: token(user: user))
        let created = try await admin.post("/api/v2/api-keys", .object(JSONObject(body))).data(201)
        guard let id = created["id"]?.string, let secret = created["secret"]?.string else {
            throw ProgramFailure("no key in \(created)")
        }
        return TestKey(id: id, secret: secret, client: APIClient(server, token: secret))
    }
}
