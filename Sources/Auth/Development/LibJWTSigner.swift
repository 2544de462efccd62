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
        // Cannot fail but for want of memory, with which nothing could go on: the key was checked by OpenSSL, the JSON is our
        // own writer's. And it is the development issuer's, not the server's.
        guard let text = jwt_encode_str(token) else { fatalError("libjwt signed no token") }
        defer { free(text) }
        return String(cString: text)
    }

    /// For calls that fail only when memory is out, or the key or JSON is none.
    private static func require(_ status: CInt) {
        // Cannot fail but for want of memory, with which nothing could go on: what is handed in was checked before.
        guard status == 0 else { fatalError("libjwt refused an operation that cannot fail") }
    }
}
