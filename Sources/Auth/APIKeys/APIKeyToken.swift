internal import FoundationEssentials
internal import Primitives
internal import Secrets

/// The text of an API key, 81 characters.
///
///     adc_sk_live_ 5mTz0tHDfVpJ8yQkW3nRxE q7Zp2LkA 3vN…(33) 0aB9xZ
///     kind         tenant id               prefix   secret   checksum
///
/// - kind: `adc_sk_live_`.
/// - tenant id: its 128 bits as 22 digits of base62, so that the look-up runs under that tenant.
/// - prefix: 8 random digits, by which the key is found in the tenant and known again by people.
/// - secret: 33 random digits, 196 bits.
/// - checksum: CRC-32 of the 75 characters before it, as 6 digits of base62. It keeps nobody out; it tells a typo, and a
///   secret scanner's false find, without a look-up.
///
/// Every key has one spelling; what is stored is the SHA-256 of all 81 characters.
struct APIKeyToken: Sendable {
    /// With which all of our keys begin, and no session token.
    static let brand = "adc_"
    static let kind = brand + "sk_live_"
    private static let tenantLength = 22
    private static let prefixLength = 8
    private static let secretLength = 33
    private static let checksumLength = 6
    static let length = kind.utf8.count + tenantLength + prefixLength + secretLength + checksumLength

    let text: Redacted<String>
    let tenantID: TenantID
    let prefix: String
    /// SHA-256 of the whole text.
    let digest: [UInt8]

    /// A key that nobody has had before.
    init(newFor tenantID: TenantID) {
        let prefix = Base62.random(Self.prefixLength)
        let body =
            Array(Self.kind.utf8) + Base62.encode(tenantID.number, length: Self.tenantLength)
            + prefix + Base62.random(Self.secretLength)
        let whole = body + Self.checksum(of: body)
        text = Redacted(String(decoding: whole, as: UTF8.self))
        self.tenantID = tenantID
        self.prefix = String(decoding: prefix, as: UTF8.self)
        digest = SHA256.digest(whole)
    }

    /// - Throws: `api_key_malformed` for what is no key, by its form and its checksum alone.
    init(_ text: String) throws(Fault) {
        let whole = Array(text.utf8)
        let body = whole.dropLast(Self.checksumLength)
        guard whole.count == Self.length, text.hasPrefix(Self.kind),
            whole.suffix(Self.checksumLength).elementsEqual(Self.checksum(of: body))
        else { throw .apiKeyMalformed }
        let digits = body.dropFirst(Self.kind.utf8.count)
        guard digits.allSatisfy({ Base62.decode([$0]) != nil }),
            let tenant = Base62.decode(digits.prefix(Self.tenantLength))
        else { throw .apiKeyMalformed }
        self.text = Redacted(text)
        tenantID = TenantID(number: tenant)
        prefix = String(decoding: digits.dropFirst(Self.tenantLength).prefix(Self.prefixLength), as: UTF8.self)
        digest = SHA256.digest(whole)
    }

    private static func checksum(of body: some Sequence<UInt8>) -> [UInt8] {
        Base62.encode(UInt128(CRC32.checksum(body)), length: checksumLength)
    }
}

extension Identifier {
    /// The 128 bits, the first byte highest.
    fileprivate var number: UInt128 {
        withUnsafeBytes(of: uuid.uuid) { $0.reduce(0) { $0 << 8 | UInt128($1) } }
    }

    fileprivate init(number: UInt128) {
        self.init(UUID(uuid: withUnsafeBytes(of: number.bigEndian) { $0.loadUnaligned(as: uuid_t.self) }))
    }
}
