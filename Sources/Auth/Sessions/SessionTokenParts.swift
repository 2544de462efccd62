internal import Primitives
internal import Secrets

/// The three parts of a JWT in compact form (RFC 7515 §7.1), decoded strictly: a token has one spelling.
struct SessionTokenParts {
    static let maximumSize = 8 * 1024

    /// As in Clerk's own verifier: what a token is for; a token of another category is not a person's session.
    private enum Category {
        static let session = "cl_B7d4PD111AAA"
        /// Clerk's verifier treats it as if there were none.
        static let ignorable = "cl_I7d4PD111III"
    }

    /// The id of the key that signed it.
    let keyID: String
    /// JSON, if the signature is good.
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is over: header, dot and payload as they were sent.
    let signedBytes: ArraySlice<UInt8>

    /// - Throws: `token_too_large`, `token_malformed`, `token_type_invalid`, `token_algorithm_invalid`, in this order.
    init(_ token: String) throws(Fault) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.maximumSize else { throw .tokenTooLarge }
        // A third dot would be in the payload, where none is a digit.
        let dot = UInt8(ascii: ".")
        guard let first = bytes.firstIndex(of: dot), let last = bytes.lastIndex(of: dot),
            0 < first, first + 1 < last, last + 1 < bytes.count,
            let header = Base64.url.decode(bytes[..<first]),
            let payload = Base64.url.decode(bytes[(first + 1)..<last]),
            let signature = Base64.url.decode(bytes[(last + 1)...])
        else { throw .tokenMalformed }
        keyID = try Self.keyID(fromHeader: header)
        self.payload = payload
        self.signature = signature
        signedBytes = bytes[..<last]
    }

    private static func keyID(fromHeader bytes: [UInt8]) throws(Fault) -> String {
        guard let header = try? JSON.parse(bytes).root.object else { throw .tokenMalformed }
        guard header["typ"] == "JWT" else { throw .tokenTypeInvalid }
        guard header["alg"] == "RS256" else { throw .tokenAlgorithmInvalid }
        switch header["cat"] {
        case nil, .string(Category.session), .string(Category.ignorable): break
        default: throw .tokenTypeInvalid
        }
        // Extensions that a verifier must understand (RFC 7515 §4.1.11); we understand none. `b64` changes what is signed
        // (RFC 7797).
        guard header["crit"] == nil, header["b64"] != false, let keyID = header["kid"]?.string, !keyID.isEmpty else {
            throw .tokenMalformed
        }
        return keyID
    }
}
