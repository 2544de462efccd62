internal import NIOSSL

extension NIOSSLCertificate {
    /// Whether a DNS name in the certificate is this one (RFC 6125, 6.4): the same, or `*` in place of its first label.
    ///
    /// NIOSSL (2.37) also takes a certificate for the *address* that it reached, although it was told a name. Whoever can
    /// turn a name's look-up to an own address, with a certificate for that address, would be taken for the name.
    func isFor(_ name: String) -> Bool {
        let parent = name.drop { $0 != "." }
        return _subjectAlternativeNames().contains { entry in
            guard entry.nameType == .dnsName else { return false }
            let certified = String(decoding: entry.contents, as: UTF8.self).lowercased()
            return certified == name || !parent.isEmpty && certified == "*" + parent
        }
    }
}
