internal import Auth
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Secrets
internal import Tenancy

/// Clerk's events of organisations and memberships.
struct ClerkRoutes {
    let receiver: ClerkWebhookReceiver

    var endpoints: [OpenEndpoint] {
        [
            OpenEndpoint(operation: Self.operation) { request, context in
                var request = request
                let body = try await request.readBody()
                let headers = WebhookHeaders(.svix) { name in
                    HTTPField.Name(name).flatMap { request.headers[$0] }
                }
                _ = try await receiver.receive(
                    headers: headers,
                    body: body,
                    from: context.clientAddress,
                    requestID: context.requestID
                )
                return .json(Self.answer.encoded(true), status: .ok)
            }
        ]
    }

    private static let answer = Answer<Bool>.data(
        .object("Receipt", [Member("received", .boolean) { $0 }])
    )

    private static let operation = Operation(
        method: .post,
        path: "/webhooks/clerk",
        summary: "Receives Clerk's webhooks, signed by Svix",
        parameters: [
            ("svix-id", "^[!-~]+$"), ("svix-timestamp", "^[0-9]{1,11}$"), ("svix-signature", "^[ -~]*[!-~][ -~]*$"),
        ].map { name, pattern in
            RequestReader.Parameter(
                name: name,
                location: "header",
                schema: Output<String>.text.schema.with("pattern", .string(pattern)),
                about: "As Svix sends it.",
                isRequired: true
            )
        },
        body: Operation.Body(contentType: "application/json", schema: Schema([("type", "object")])),
        success: [.init(.ok, "application/json", answer.schema, "Stored, and applied where it concerns us")],
        faults: [.webhookHeadersMissing, .webhookTimestampInvalid, .webhookSignatureInvalid, .databaseUnavailable]
    )
}
