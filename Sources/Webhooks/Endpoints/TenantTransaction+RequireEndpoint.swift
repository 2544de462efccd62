internal import Primitives
internal import Tenancy

extension TenantTransaction {
    /// - Throws: `webhook_not_found`.
    func requireEndpoint(_ id: WebhookID) async throws {
        guard try await queryFirst(SelectEndpoint(tenantID: tenantID, id: id)) != nil else {
            throw Fault.webhookNotFound
        }
    }
}
