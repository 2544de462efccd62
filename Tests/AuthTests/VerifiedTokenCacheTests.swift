@testable internal import Auth
internal import Primitives
internal import Secrets
internal import Testing

@Suite("Cache of verified tokens") struct VerifiedTokenCacheTests {
    private func entry(_ user: String) -> VerifiedTokenCache.Entry {
        let session = VerifiedSession(userID: user, organization: nil, expiresAt: TokenFixture.now)
        return VerifiedTokenCache.Entry(session: session, keyID: "k")
    }

    @Test("It holds so many and no more, and the oldest goes first")
    func bounded() {
        let cache = VerifiedTokenCache(capacity: 100)
        let digests = (0..<1050).map { SHA256.digest("\($0)".utf8) }
        for (number, digest) in digests.enumerated() { cache.insert(entry("user_\(number)"), for: digest) }
        #expect(cache.count == 100)
        for (number, digest) in digests.enumerated() {
            #expect(cache.session(for: digest)?.session.userID == (number < 950 ? nil : "user_\(number)"))
        }
    }

    @Test("A token that two requests verified at once takes one place")
    func twice() {
        let cache = VerifiedTokenCache(capacity: 2)
        let digests = (0..<3).map { SHA256.digest("\($0)".utf8) }
        for digest in [digests[0], digests[0], digests[0], digests[1]] { cache.insert(entry("user"), for: digest) }
        #expect(cache.count == 2)
        cache.insert(entry("user"), for: digests[2])
        #expect(digests.map { cache.session(for: $0) != nil } == [false, true, true])
    }
}
