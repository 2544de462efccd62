public import FoundationEssentials

/// UUIDs computed from a name (RFC 9562 §5.5).
///
/// The only use of SHA-1: the RFC prescribes it, nothing secret rests on it.
public enum UUIDv5 {
    /// The namespace in which the name is an organisation's id at Clerk (`org_…`) and the UUID our tenant id.
    ///
    /// Drawn at random for this, once; changing it would give every tenant a new identity.
    public static let clerkOrganizations = UUID(
        uuid: (0x53, 0x24, 0x5B, 0x90, 0x44, 0x6E, 0x42, 0x23, 0xBD, 0xFC, 0xEC, 0xD1, 0xA3, 0xB6, 0xB1, 0x83)
    )

    public static func make(namespace: UUID, name: String) -> UUID {
        let namespace = withUnsafeBytes(of: namespace.uuid) { Array($0) }
        let digest = SHA256.digest(namespace + Array(name.utf8), OpenSSL.sha1, count: 20)
        var uuid = digest.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) }
        uuid.6 = uuid.6 & 0x0F | 0x50
        uuid.8 = uuid.8 & 0x3F | 0x80
        return UUID(uuid: uuid)
    }
}
