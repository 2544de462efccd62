internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Webhooks

/// The public keys of this platform, with which receivers verify `v1a` signatures without a secret.
struct WebhookKeyRoutes {
    let keys: SigningKeys

    var endpoints: [OpenEndpoint] {
        [
            .open(
                "/.well-known/webhook-keys.json",
                "The keys that sign webhooks (ed25519, `v1a` signatures), newest first",
                schema
            ) { _, _ in
                var response = Response.json(schema.encoded(try await keys.published()), status: .ok)
                // A key is published two days before it signs.
                response.headers[.cacheControl] = "public, max-age=3600"
                return response
            }
        ]
    }

    private var schema: Output<[PublishedKey]> {
        .object("WebhookKeys", [Member("keys", Output<PublishedKey>.key.list) { $0 }])
    }
}

extension Output where Value == PublishedKey {
    fileprivate static let key = Output.object(
        "WebhookKey",
        [
            Member("key", .text, \.text),
            Member("signs_from", .timestamp, \.signsFrom),
            Member("published_until", Output<Timestamp>.timestamp.nullable, \.publishedUntil),
        ]
    )
}
