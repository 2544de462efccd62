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
    let signature: [UInt8]
    /// What the signature is over: header, dot and payload as they were sent.
    let signedBytes: ArraySlice<UInt8>

    /// - Throws: `token_too_large`, `token_malformed`, `token_type_invalid`, `token_algorithm_invalid`, in this order.
    init(_ token: String) throws(Fault) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.maximumSize else { throw .tokenTooLarge }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }),
            let header = Base64.url.decode(parts[0]),
            Base64.url.decode(parts[1]) != nil,
            let signature = Base64.url.decode(parts[2])
        else { throw .tokenMalformed }
        keyID = try Self.keyID(fromHeader: header)
        self.signature = signature
        signedBytes = bytes[..<parts[1].endIndex]
    }

    private static func keyID(fromHeader bytes: [UInt8]) throws(Fault) -> String {
        guard let header = try? JSON.parse(bytes).root, header.object != nil else { throw .tokenMalformed }
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
