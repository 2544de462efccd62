internal import NIOHTTP1
internal import Primitives
internal import Testing

/// Every route of the document with everything that can be wrong with a request: always a 4xx with the envelope, every
/// problem named, never a 5xx.
@Suite("Bad input", .server())
struct BadInputTests {
    @Test("A broken, misplaced, oversized or mislabelled body is refused by every route that takes JSON")
    func bodies() async throws {
        try await forEachOperation { operation, shop in
            guard operation.jsonBody != nil, operation.needsTenant, let valid = try shop.validBody(of: operation) else {
                return []
            }
            return BadBody.all(valid: valid).map { bad in
                Probe(bad.about, statuses: bad.statuses, body: bad.bytes, contentType: bad.contentType)
            }
        }
    }

    @Test("Each wrong property is named, alone and all at once")
    func properties() async throws {
        try await forEachOperation { operation, shop in
            guard let schema = operation.jsonBody, operation.needsTenant, let valid = try shop.validBody(of: operation)
            else { return [] }
            return BadProperty.all(schema, valid: valid).map { bad in
                Probe(bad.about, statuses: [422], fields: bad.fields, body: bad.bytes, contentType: "application/json")
            }
        }
    }

    @Test("Path parameters that are no ids are refused or not found")
    func paths() async throws {
        try await forEachOperation { operation, _ in
            operation.parameters.filter { $0.location == "path" }.flatMap { parameter in
                [
                    "nao-e-um-id", "0", "%00", "..%2f..%2fetc%2fpasswd", "%2e%2e",
                    "00000000-0000-0000-0000-00000000000g", String(repeating: "a", count: 3000), "'%20OR%201=1--",
                ].map { value in
                    Probe(
                        "path \(parameter.name)=\(value.prefix(40))",
                        statuses: [400, 404, 422],
                        path: [parameter.name: value]
                    )
                }
            }
        }
    }

    @Test("Query parameters outside of their bounds are refused by name")
    func queries() async throws {
        try await forEachOperation { operation, _ in
            operation.parameters.filter { $0.location == "query" }.flatMap { parameter in
                parameter.schema.badTexts(cursor: parameter.name == "cursor").map { value in
                    Probe(
                        "query \(parameter.name)=\(value.prefix(40))",
                        statuses: [400, 422],
                        fields: [parameter.name],
                        query: "?\(parameter.name)=\(value)"
                    )
                }
            }
        }
    }

    @Test("A file that is none, of a type that is not taken, binary, empty or named like a path is refused")
    func files() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let good = Upload(content: Array("Olá".utf8), fields: [("knowledge_base_id", shop.baseID)])
        func changed(_ change: (inout Upload) -> Void) -> Upload {
            var upload = good
            change(&upload)
            return upload
        }
        let bad: [(String, Upload, Int, String)] = [
            ("empty", changed { $0.content = [] }, 422, "document_empty"),
            ("only spaces", changed { $0.content = Array(" \n\t\r\n".utf8) }, 422, "document_empty"),
            (
                "binary posing as text", changed { $0.content = [0x7F, 0x45, 0x4C, 0x46, 0, 1, 2] }, 422,
                "document_not_text"
            ),
            (
                "PNG named .md", changed { $0.content = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] }, 422,
                "document_not_text"
            ),
            ("UTF-16", changed { $0.content = [0xFF, 0xFE, 0x4F, 0, 0x69, 0] }, 422, "document_not_text"),
            ("Latin-1", changed { $0.content = [0x6E, 0xE3, 0x6F] }, 422, "document_not_text"),
            ("NUL inside", changed { $0.content = [0x61, 0, 0x62] }, 422, "document_not_text"),
            (
                "PDF",
                changed {
                    $0.fileName = "a.pdf"; $0.fileType = "application/pdf"
                }, 415, "unsupported_document_type"
            ),
            (
                "program",
                changed {
                    $0.fileName = "a.exe"; $0.fileType = "text/plain"
                }, 415, "unsupported_document_type"
            ),
            (
                "no ending",
                changed {
                    $0.fileName = "LEIAME"; $0.fileType = "application/octet-stream"
                }, 415, "unsupported_document_type"
            ),
            ("../", changed { $0.fileName = "../../etc/passwd.md" }, 422, "validation_error"),
            ("absolute", changed { $0.fileName = "/etc/passwd.md" }, 422, "validation_error"),
            ("no name", changed { $0.fileName = "" }, 422, "validation_error"),
            (
                "long name", changed { $0.fileName = String(repeating: "a", count: 300) + ".md" }, 422,
                "validation_error"
            ),
            ("control character", changed { $0.fileName = "a\u{7}.md" }, 422, "validation_error"),
            ("no base", changed { $0.fields = [] }, 422, "validation_error"),
            ("base is no id", changed { $0.fields = [("knowledge_base_id", "x")] }, 422, "validation_error"),
            (
                "base is nobody's", changed { $0.fields = [("knowledge_base_id", "\(KnowledgeBaseID.next())")] }, 404,
                "knowledge_base_not_found"
            ),
            ("no file", changed { $0.fileField = "arquivo" }, 422, "validation_error"),
            (
                "nothing",
                changed {
                    $0.fileField = "arquivo"; $0.fields = []
                }, 422, "validation_error"
            ),
            (
                "over 20 MiB", changed { $0.content = Array(repeating: 0x61, count: (20 << 20) + 1) }, 413,
                "document_too_large"
            ),
        ]
        for (what, upload, status, code) in bad {
            let response = try await client.upload(upload)
            #expect(response.status == status && response.errorCode == code, "\(what): \(response)")
            expectEnvelope(response, what)
        }
        let nothing = try await client.upload(
            changed {
                $0.fileField = "arquivo"; $0.fields = []
            }
        )
        #expect(Set(nothing.problemFields) == ["knowledge_base_id", "file"])
        #expect(try await client.get("/api/v2/knowledge/documents").json?["count"] == 1, "nothing of it is left")
    }

    @Test("A form that is cut off, without a boundary, or no form at all is refused")
    func forms() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let good = Upload(content: Array("Olá".utf8), fields: [("knowledge_base_id", shop.baseID)])
        let bad: [(String, String?, [UInt8])] = [
            ("JSON", "application/json", Array("{}".utf8)),
            ("no type", nil, good.body),
            ("no boundary", "multipart/form-data", good.body),
            ("another boundary", "multipart/form-data; boundary=outra", good.body),
            ("cut off", Upload.contentType, Array(good.body.dropLast(12))),
            ("empty", Upload.contentType, []),
            ("noise", Upload.contentType, Array(repeating: 0xFF, count: 100_000)),
            (
                "500 parts", Upload.contentType,
                Upload(content: [0x61], fields: Array(repeating: ("a", ""), count: 500)).body
            ),
            (
                "endless headers", Upload.contentType,
                Array("--\(Upload.boundary)\r\nA: \(String(repeating: "b", count: 20_000))".utf8)
            ),
        ]
        for (what, contentType, body) in bad {
            let response = try await shop.organization.admin.send(
                .POST,
                "/api/v2/knowledge/upload",
                headers: contentType.map { [("Content-Type", $0)] } ?? [],
                body: body
            )
            #expect((400..<500).contains(response.status), "\(what): \(response)")
            expectEnvelope(response, what)
        }
    }

    @Test("Clerk's webhook refuses what Svix did not sign")
    func webhook() async throws {
        let anybody = APIClient(try .current)
        let now = WallClock.system.now().secondsSinceEpoch
        for headers in [
            [], [("svix-id", "msg_1"), ("svix-timestamp", "\(now)"), ("svix-signature", "v1,bGl4bw==")],
            [("svix-id", "msg_1"), ("svix-timestamp", "ontem"), ("svix-signature", "v1,bGl4bw==")],
            [("svix-id", "msg_1"), ("svix-timestamp", "\(now - 3600)"), ("svix-signature", "v1,bGl4bw==")],
        ] {
            let response = try await anybody.post("/webhooks/clerk", ["type": "organization.deleted"], headers)
            #expect((400..<500).contains(response.status), "\(response)")
            expectEnvelope(response, "\(headers)")
        }
    }

    // MARK: How it is asked

    /// One bad request, and what must come of it.
    private struct Probe: Sendable {
        let about: String
        let statuses: Set<Int>
        /// Names that must be among the problems.
        var fields: Set<String> = []
        var path: [String: String] = [:]
        var query = ""
        var body: [UInt8]?
        var contentType: String?

        init(
            _ about: String,
            statuses: Set<Int>,
            fields: Set<String> = [],
            path: [String: String] = [:],
            query: String = "",
            body: [UInt8]? = nil,
            contentType: String? = nil
        ) {
            self.about = about
            self.statuses = statuses
            self.fields = fields
            self.path = path
            self.query = query
            self.body = body
            self.contentType = contentType
        }
    }

    private func forEachOperation(_ probes: (APIDocument.Operation, Shop) throws -> [Probe]) async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let ids = shop.ids.merging(["file": "favicon.png"]) { old, _ in old }
        var count = 0
        for operation in try await APIDocument(of: server).operations {
            for probe in try probes(operation, shop) {
                count += 1
                let target = try operation.path(ids.merging(probe.path) { _, new in new }) + probe.query
                var body = probe.body
                var contentType = probe.contentType
                if body == nil, let valid = try shop.validBody(of: operation) {
                    (body, contentType) = (valid.encoded, "application/json")
                }
                let response = try await shop.organization.admin.send(
                    operation.method,
                    target,
                    headers: contentType.map { [("Content-Type", $0)] } ?? [],
                    body: body
                )
                let what = "\(operation), \(probe.about)"
                #expect(probe.statuses.contains(response.status), "\(what): \(response)")
                expectEnvelope(response, what)
                if response.status == 422, !probe.fields.isEmpty {
                    let missing = probe.fields.subtracting(response.problemFields)
                    #expect(missing.isEmpty, "\(what) does not name \(missing): \(response)")
                }
            }
        }
        #expect(count >= 20, "the document was read")
    }

    private func expectEnvelope(_ response: APIResponse, _ what: String) {
        let json = response.json
        #expect(json?["success"] == false && response.errorCode?.isEmpty == false, "\(what): \(response)")
        #expect(json?["error"]?.string?.isEmpty == false, "\(what): \(response)")
        #expect(json?["request_id"]?.string == response.header("X-Request-Id"), "\(what): \(response)")
        #expect(json?["timestamp"]?.string.flatMap(Timestamp.init) != nil, "\(what): \(response)")
        guard response.errorCode == "validation_error" else { return }
        #expect(!response.problemFields.isEmpty, "\(what) names no problem: \(response)")
    }
}
