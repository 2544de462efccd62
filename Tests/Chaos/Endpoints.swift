internal import Outbound
internal import Primitives
internal import Secrets
internal import Tenancy
internal import Webhooks

/// The endpoints of the tenants that have some, four each; of each receiver one.
struct Endpoints {
    let endpoints: WebhookEndpointService
    let database: TenantDatabase

    /// Reads a URL a line from the standard input.
    ///
    /// Prints of each endpoint its URL, its id and its secret.
    func make() async throws {
        var number = 0
        while let url = readLine() {
            var settings = WebhookEndpoint.Settings(name: "Loja", url: url)
            // Of what fails, one more attempt is awaited: the schedule's next steps take minutes.
            if !url.hasSuffix("/healthy") { (settings.retryCount, settings.timeout) = (1, 1) }
            let tenantID = Tenants.listening[number / 4 % Tenants.listening.count]
            let made = try await database.transaction(in: tenantID) { try await endpoints.create(settings, in: $0) }
            print(url, made.endpoint.id, made.secret?.exposed ?? "")
            number += 1
        }
    }
}
