import Testing

@testable import Postgres

@Suite("Prepared statement cache")
struct PreparedStatementCacheTests {
    private func key(_ sql: String, _ types: [UInt32] = []) -> PreparedStatementCache.Key {
        PreparedStatementCache.Key(sql: sql, types: types)
    }

    @Test("The least recently used goes first, and its name is given back for dropping once")
    func bounded() {
        var cache = PreparedStatementCache(capacity: 2)
        cache.insert(key("a"), name: "s1")
        cache.insert(key("b"), name: "s2")
        #expect(cache.use(key("a")) == "s1")
        cache.insert(key("c"), name: "s3")
        #expect(cache.use(key("b")) == nil)
        #expect(cache.use(key("a")) == "s1")
        #expect(cache.use(key("c")) == "s3")
        #expect(cache.count == 2)
        #expect(cache.takeDiscarded() == ["s2"])
        #expect(cache.takeDiscarded() == [])
    }

    @Test("The same text with other parameter types is another statement")
    func types() {
        var cache = PreparedStatementCache(capacity: 2)
        cache.insert(key("SELECT $1", [20]), name: "s1")
        #expect(cache.use(key("SELECT $1", [25])) == nil)
    }

    @Test("A forgotten statement is dropped at the server; those the server lost are not")
    func forgotten() {
        var cache = PreparedStatementCache(capacity: 2)
        let (first, second) = (cache.makeName(), cache.makeName())
        #expect(first != second)
        cache.insert(key("a"), name: first)
        cache.insert(key("b"), name: second)
        cache.forget(key("a"))
        #expect(cache.takeDiscarded() == [first])
        cache.forgetAll()
        #expect(cache.takeDiscarded() == [])
        #expect(cache.count == 0)
        let third = cache.makeName()
        #expect(third != first && third != second)
    }
}
