internal import COpenSSL

/// PEM text, in and out of OpenSSL's memory streams.
enum PEM {
    static func read<Result>(_ text: String, _ body: (OpaquePointer) -> Result) -> Result {
        Array(text.utf8).withBytes { bytes in
            let stream = OpenSSL.required(BIO_new_mem_buf(bytes.baseAddress, CInt(bytes.count)))
            defer { BIO_free(stream) }
            return body(stream)
        }
    }

    static func write(_ body: (OpaquePointer) -> CInt) -> String {
        let stream = OpenSSL.required(BIO_new(BIO_s_mem()))
        defer { BIO_free(stream) }
        OpenSSL.require(body(stream))
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(stream))
        OpenSSL.require(BIO_read(stream, &bytes, CInt(bytes.count)) == CInt(bytes.count) ? 1 : 0)
        return String(decoding: bytes, as: UTF8.self)
    }
}
