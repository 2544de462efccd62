internal import NIOSSL

extension NIOSSLTrustRoots {
    /// Whom the system trusts, read once: `.default` reads and parses the whole bundle again for each client, and here each
    /// call has a client of its own.
    static var loadedFromSystem: Self {
        for bundle in bundles {
            if let certificates = try? NIOSSLCertificate.fromPEMFile(bundle) { return .certificates(certificates) }
        }
        return .default
    }

    /// Of Debian and its kin, and of Fedora; the same that NIOSSL looks for.
    private static let bundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
}
