internal import Primitives
internal import Secrets

/// Seals what an endpoint keeps secret; a box opens for its own endpoint only.
struct EndpointVault: Sendable {
    private let secrets: SealedBox
    private let headers: SealedBox

    init(masterKey: MasterKey) {
        secrets = SealedBox(purpose: "webhook secret", masterKey: masterKey)
        headers = SealedBox(purpose: "webhook headers", masterKey: masterKey)
    }

    func seal(_ secret: WebhookSecret, of id: WebhookID, in tenantID: TenantID) -> [UInt8] {
        secrets.seal(secret.text.exposed.utf8, for: Self.place(id, tenantID))
    }

    func open(secret box: [UInt8], of id: WebhookID, in tenantID: TenantID) throws -> WebhookSecret {
        let text = try secrets.open(box, for: Self.place(id, tenantID))
        return try WebhookSecret(String(decoding: text, as: UTF8.self))
    }

    func seal(_ list: [WebhookHeader], of id: WebhookID, in tenantID: TenantID) -> [UInt8] {
        let json = JSON.array(list.map { [.string($0.name), .string($0.value.exposed)] })
        return headers.seal(json.encoded, for: Self.place(id, tenantID))
    }

    func open(headers box: [UInt8], of id: WebhookID, in tenantID: TenantID) throws -> [(name: String, value: String)] {
        let text = try headers.open(box, for: Self.place(id, tenantID))
        return try JSON.parse(String(decoding: text, as: UTF8.self)).root.array?.compactMap { pair in
            guard let name = pair[0]?.string, let value = pair[1]?.string else { return nil }
            return (name, value)
        } ?? []
    }

    private static func place(_ id: WebhookID, _ tenantID: TenantID) -> [UInt8] {
        Array("\(tenantID)/\(id)".utf8)
    }
}
