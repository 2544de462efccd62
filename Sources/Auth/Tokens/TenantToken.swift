internal import FoundationEssentials
internal import Primitives
internal import Secrets

/// The text of a credential that is a row of a tenant's, so that the look-up runs under that tenant.
///
///     adc_sk_live_ 5mTz0tHDfVpJ8yQkW3nRxE q7Zp2LkA 3vN…(33) 0aB9xZ
///     kind         tenant id               prefix   secret   checksum
///
/// - kind: the form's.
/// - tenant id: its 128 bits as 22 digits of base62.
/// - prefix: 8 random digits, by which the row is found in the tenant and known again by people.
/// - secret: as many random digits as the form says, 5.954 bits each.
/// - checksum: CRC-32 of the characters before it, as 6 digits of base62. It keeps nobody out; it tells a typo, and a
///   secret scanner's false find, without a look-up.
///
/// Every text has one spelling; what is stored is the SHA-256 of all of it.
struct TenantToken<Form: TenantTokenForm>: Sendable {
    private static var tenantLength: Int { 22 }
    private static var prefixLength: Int { 8 }
    private static var checksumLength: Int { 6 }
    static var length: Int {
        Form.kind.utf8.count + tenantLength + prefixLength + Form.secretLength + checksumLength
    }

    let text: Redacted<String>
    let tenantID: TenantID
    let prefix: String
    /// SHA-256 of the whole text.
    let digest: [UInt8]

    /// One that nobody has had before.
    init(newFor tenantID: TenantID) {
        let prefix = Base62.random(Self.prefixLength)
        let body =
            Array(Form.kind.utf8) + Base62.encode(tenantID.number, length: Self.tenantLength)
            + prefix + Base62.random(Form.secretLength)
        let whole = body + Self.checksum(of: body)
        text = Redacted(String(decoding: whole, as: UTF8.self))
        self.tenantID = tenantID
        self.prefix = String(decoding: prefix, as: UTF8.self)
        digest = SHA256.digest(whole)
    }

    /// - Throws: the form's fault for what is none, by its form and its checksum alone.
    init(_ text: String) throws(Fault) {
        let whole = Array(text.utf8)
        let body = whole.dropLast(Self.checksumLength)
        guard whole.count == Self.length, text.hasPrefix(Form.kind),
            whole.suffix(Self.checksumLength).elementsEqual(Self.checksum(of: body))
        else { throw Form.malformed }
        let digits = body.dropFirst(Form.kind.utf8.count)
        guard digits.allSatisfy({ Base62.decode([$0]) != nil }),
            let tenant = Base62.decode(digits.prefix(Self.tenantLength))
        else { throw Form.malformed }
        self.text = Redacted(text)
        tenantID = TenantID(number: tenant)
        prefix = String(decoding: digits.dropFirst(Self.tenantLength).prefix(Self.prefixLength), as: UTF8.self)
        digest = SHA256.digest(whole)
    }

    /// Whether that is what is stored of it: in constant time, also where nothing is.
    func matches(_ stored: [UInt8]?) -> Bool {
        ConstantTime.areEqual(stored ?? [UInt8](repeating: 0, count: digest.count), digest)
    }

    private static func checksum(of body: some Sequence<UInt8>) -> [UInt8] {
        Base62.encode(UInt128(CRC32.checksum(body)), length: checksumLength)
    }
}

/// What tells one sort of these credentials from another.
protocol TenantTokenForm {
    /// With which each begins, `adc_…_`.
    static var kind: String { get }
    /// In digits of base62.
    static var secretLength: Int { get }
    static var malformed: Fault { get }
}

/// With which all of ours begin, and no session token.
let credentialBrand = "adc_"

/// An API key, 81 characters.
typealias APIKeyToken = TenantToken<APIKeyForm>

enum APIKeyForm: TenantTokenForm {
    static let kind = credentialBrand + "sk_live_"
    /// 196 bits.
    static let secretLength = 33
    static let malformed = Fault.apiKeyMalformed
}

/// A ticket of the live stream, 65 characters.
typealias TicketToken = TenantToken<TicketForm>

enum TicketForm: TenantTokenForm {
    static let kind = credentialBrand + "tk_"
    /// 131 bits.
    static let secretLength = 22
    static let malformed = Fault.ticketMalformed
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
