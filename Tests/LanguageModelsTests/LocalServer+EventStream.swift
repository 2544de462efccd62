internal import TestSupport

extension LocalServer.Connection {
    /// Begins an event stream whose body has no length: it ends with the last chunk.
    func sendStreamHead() async throws {
        try await send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    func sendChunk(_ bytes: some Collection<UInt8>) async throws {
        try await send("\(String(bytes.count, radix: 16))\r\n".utf8 + Array(bytes) + "\r\n".utf8)
    }

    func sendLastChunk() async throws {
        try await send("0\r\n\r\n")
    }

    func respond(_ status: String, headers: String..., body: String = "") async throws {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
        try await send("\(lines.joined(separator: "\r\n"))\r\n\r\n\(body)")
    }
}
