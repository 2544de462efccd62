internal import NIOHTTP1
internal import Primitives

/// A `multipart/form-data` body (RFC 7578).
struct Upload: Sendable {
    static let boundary = "limite-7f3a9c"
    static let contentType = "multipart/form-data; boundary=\(boundary)"

    var fileName = "planos.md"
    var fileType = "text/markdown"
    var content: [UInt8]
    /// Text fields beside the file.
    var fields: [(String, String)]
    var fileField = "file"

    var body: [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        bytes +=
            "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(fileField)\"; filename=\"\(fileName)\"\r\n"
            .utf8
        bytes += "Content-Type: \(fileType)\r\n\r\n".utf8
        bytes += content
        bytes += "\r\n--\(Self.boundary)--\r\n".utf8
        return bytes
    }
}

extension APIClient {
    func upload(_ upload: Upload, headers: [(String, String)] = []) async throws -> APIResponse {
        try await send(
            .POST,
            "/api/v2/knowledge/upload",
            headers: headers + [("Content-Type", Upload.contentType)],
            body: upload.body
        )
    }

    /// Waits until a document is indexed.
    /// - Returns: the document.
    @discardableResult
    func waitUntilReady(documentID: String, within deadline: Duration = .seconds(30)) async throws -> JSON {
        try await poll("document \(documentID) is ready", within: deadline) {
            let document = try await get("/api/v2/knowledge/documents/\(documentID)").data()
            switch document["status"]?.string {
            case "ready": return document
            case "failed": throw ProgramFailure("not indexed: \(document)")
            default: return nil
            }
        }
    }
}
