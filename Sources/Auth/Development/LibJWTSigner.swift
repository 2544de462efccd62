internal import CLibJWT
internal import Glibc
internal import Primitives
internal import Secrets

/// Makes development tokens with libjwt: an encoder that is not ours, so that what verifies them never agrees only with
/// itself.
struct LibJWTSigner {
    let key: RSAPrivateKey

    /// A compact token, RS256.
    /// - Parameter header: without `alg` and `typ`, which libjwt adds.
    func token(header: JSON, claims: JSON) -> String {
        var token: OpaquePointer?
        Self.require(jwt_new(&token))
        defer { jwt_free(token) }
        let pem = Array(key.pem.utf8)
        Self.require(jwt_set_alg(token, JWT_ALG_RS256, pem, CInt(pem.count)))
        Self.require(jwt_add_headers_json(token, header.description))
        Self.require(jwt_add_grants_json(token, claims.description))
        // The key is one that OpenSSL has checked, the JSON our own writer's: what is left is having no memory.
        guard let text = jwt_encode_str(token) else { fatalError("libjwt signed no token") }
        defer { free(text) }
        return String(cString: text)
    }

    /// For calls that fail only when memory is out, or the key or JSON is none.
    private static func require(_ status: CInt) {
        // As above: what is handed in was checked, and without memory nothing goes on.
        guard status == 0 else { fatalError("libjwt refused an operation that cannot fail") }
    }
}
