internal import Primitives
public import Secrets

/// A JSON Web Key Set (RFC 7517 §5): the keys that may sign RS256, by their ids.
public enum JWKS {
    static let maximumKeys = 64
    static let maximumKeyIDSize = 256

    /// Reads a set; keys of other types and for other uses are left out.
    ///
    /// - Throws: For what is no set, for one id given to two keys, for more than 64 keys, and for a set without a key of
    ///   ours: a broken answer must not take the place of keys that work.
    static func parse(_ bytes: [UInt8]) throws -> [String: RSAPublicKey] {
        guard let members = try JSON.parse(bytes).root["keys"]?.array else { throw JWKSError.notAKeySet }
        guard members.count <= maximumKeys else { throw JWKSError.tooManyKeys }
        var keys: [String: RSAPublicKey] = [:]
        for member in members where isForRS256Signatures(member) {
            guard let id = member["kid"]?.string, (1...maximumKeyIDSize).contains(id.utf8.count),
                let modulus = member["n"]?.string, let exponent = member["e"]?.string
            else { throw JWKSError.malformedKey }
            let key = try RSAPublicKey(modulus: modulus, exponent: exponent)
            guard keys.updateValue(key, forKey: id) == nil else { throw JWKSError.duplicateKeyID }
        }
        guard !keys.isEmpty else { throw JWKSError.noUsableKey }
        return keys
    }

    private static func isForRS256Signatures(_ member: JSON) -> Bool {
        member["kty"] == "RSA" && (member["use"] ?? "sig") == "sig" && (member["alg"] ?? "RS256") == "RS256"
    }

    /// A set of one key.
    public static func encode(_ key: RSAPublicKey, id: String) -> [UInt8] {
        let member: JSON = [
            "use": "sig", "kty": "RSA", "kid": .string(id), "alg": "RS256",
            "n": .string(key.modulus), "e": .string(key.exponent),
        ]
        return (["keys": [member]] as JSON).encoded
    }
}

enum JWKSError: Error, Equatable {
    case notAKeySet, tooManyKeys, malformedKey, duplicateKeyID, noUsableKey
    case unexpectedStatus(UInt)
    case timedOut
}
