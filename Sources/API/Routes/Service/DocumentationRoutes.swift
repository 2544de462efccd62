internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Primitives

/// The OpenAPI document, and the two pages that show it; no outside host is needed.
///
/// All of it is read once, and every answer shares those bytes.
struct DocumentationRoutes {
    private let document: ByteBuffer
    /// Of those files that are there, by name.
    private let assets: [String: ByteBuffer]

    /// - Parameters:
    ///   - document: as JSON.
    ///   - assetsDirectory: the folder with Swagger UI and ReDoc.
    init(document: [UInt8], assetsDirectory: String) {
        self.document = ByteBuffer(bytes: document)
        let folder = URL(filePath: assetsDirectory)
        let files = Self.assetTypes.keys.compactMap { name in
            (try? Data(contentsOf: folder.appending(path: name))).map { (name, ByteBuffer(bytes: $0)) }
        }
        assets = Dictionary(uniqueKeysWithValues: files + [("start.js", ByteBuffer(string: Self.startScript))])
    }

    var endpoints: [OpenEndpoint] {
        [
            .open(
                "/openapi.json",
                "This document",
                contentType: "application/json",
                Schema([("type", "object")])
            ) { _, _ in
                Response(
                    status: .ok,
                    headers: [.contentType: "application/json; charset=utf-8"],
                    body: ResponseBody(byteBuffer: document)
                )
            },
            page("/docs", "The API in Swagger UI", Self.swaggerPage),
            page("/redoc", "The API in ReDoc", Self.redocPage),
            OpenEndpoint(operation: Self.assetOperation) { _, context in
                try asset(context.parameters.get("file") ?? "")
            },
        ]
    }

    private func page(_ path: String, _ summary: String, _ html: String) -> OpenEndpoint {
        .open(path, summary, contentType: "text/html", Output<String>.text.schema) { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: Self.contentSecurityPolicy,
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(string: html))
            )
        }
    }

    private func asset(_ name: String) throws -> Response {
        guard let contentType = Self.assetTypes[name] else { throw Fault.routeNotFound }
        guard let asset = assets[name] else {
            throw Fault(
                .documentationUnavailable,
                LocalizedText(
                    pt: "As páginas da documentação não foram instaladas; veja /openapi.json.",
                    en: "The documentation pages are not installed; see /openapi.json."
                )
            )
        }
        return Response(
            status: .ok,
            headers: [.contentType: contentType, .cacheControl: "public, max-age=3600"],
            body: ResponseBody(byteBuffer: asset)
        )
    }

    private static let assetOperation = Operation(
        method: .get,
        path: "/docs/{file}",
        summary: "Scripts and styles of the documentation pages",
        parameters: [
            RequestReader.Parameter(
                name: "file",
                location: "path",
                schema: Output<String>.text.schema
                    .with("enum", .array(assetTypes.keys.sorted().map(JSON.string))),
                about: "Name of the file.",
                isRequired: true
            )
        ],
        success: [
            .init(.ok, "text/javascript", Output<String>.text.schema, "A script"),
            .init(.ok, "text/css", Output<String>.text.schema, "A style"),
            .init(.ok, "image/png", Output<String>.text.schema, "An image"),
        ],
        faults: [.routeNotFound, .documentationUnavailable]
    )

    private static let assetTypes = [
        "start.js": "text/javascript; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "swagger-ui.css": "text/css; charset=utf-8",
        "redoc.standalone.js": "text/javascript; charset=utf-8",
        "favicon.png": "image/png",
    ]

    private static let contentSecurityPolicy = """
        default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:
        """

    private static let swaggerPage = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Agentes de Conversão · API</title>
        <link rel="icon" href="/docs/favicon.png"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
        <body><div id="swagger"></div>
        <script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
        """

    private static let redocPage = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Agentes de Conversão · API</title>
        <link rel="icon" href="/docs/favicon.png"></head>
        <body><div id="redoc"></div>
        <script src="/docs/redoc.standalone.js"></script><script src="/docs/start.js"></script></body></html>
        """

    /// Starts whichever of the two the page has loaded.
    private static let startScript = """
        if (window.SwaggerUIBundle) {
          SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger", persistAuthorization: true });
        } else {
          Redoc.init("/openapi.json", { hideLoading: true }, document.getElementById("redoc"));
        }
        """
}
