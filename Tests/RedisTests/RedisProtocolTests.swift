internal import Primitives
internal import Testing

@testable internal import Redis

@Suite("The protocol")
struct RedisProtocolTests {
    private func read(_ text: String, cutEvery count: Int) throws -> [RedisValue] {
        let reader = ReplyReader()
        let bytes = Array(text.utf8)
        var replies: [RedisValue] = []
        for start in stride(from: 0, to: bytes.count, by: count) {
            replies += try bytes[start..<min(start + count, bytes.count)].withUnsafeBytes { try reader.read($0) }
        }
        return replies
    }

    @Test("Replies are the same however the bytes are cut", arguments: [1, 2, 3, 5, 7, 1000])
    func cuts(count: Int) throws {
        let text =
            "+OK\r\n:-42\r\n$5\r\na\r\nb\0\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n-ERR no way\r\n*3\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n"
        #expect(
            try read(text, cutEvery: count) == [
                .status("OK"), .integer(-42), .bytes(Array("a\r\nb\0".utf8)), .null, .null, .bytes([]), .array([]),
                .error("ERR no way"), .array([.integer(1), .array([.bytes([0x78])]), .null]),
            ]
        )
    }

    @Test("What is not the protocol is an error", arguments: ["HTTP/1.1 400 Bad Request\r\n", "?\r\n"])
    func violation(text: String) {
        #expect { try read(text, cutEvery: 1000) } throws: { ($0 as? RedisError)?.kind == .protocolViolation }
    }

    @Test("Arguments are sent as the bytes they are")
    func arguments() throws {
        let command = RedisCommand("SET", ["a key\r\n", RedisArgument([0, 0xFF, 0x25]), RedisArgument(-7), ""])
        let text = Array("*5\r\n$3\r\nSET\r\n$7\r\na key\r\n\r\n$3\r\n".utf8)
        #expect(try command.encoded() == text + [0, 0xFF, 0x25] + Array("\r\n$2\r\n-7\r\n$0\r\n\r\n".utf8))
    }

    @Test("A URL gives host, port, database, user and password")
    func url() throws {
        let plain = try RedisConfiguration(url: "redis://localhost")
        #expect(plain.host == "localhost" && plain.port == 6379 && plain.database == 0)
        #expect(plain.user == nil && plain.password == nil && !plain.usesTLS)
        let full = try RedisConfiguration(url: "rediss://us%40er:p%3A%2Fss@[::1]:7000/3")
        #expect(full.host == "::1" && full.port == 7000 && full.database == 3 && full.usesTLS)
        #expect(full.user == "us@er" && full.password?.exposed == "p:/ss")
        let password = try RedisConfiguration(url: "redis://:secret@127.0.0.1:1/")
        #expect(password.user == nil && password.password?.exposed == "secret")
    }

    @Test(
        "Other URLs are refused",
        arguments: [
            "", "localhost", "http://localhost", "redis://", "redis:///1", "redis://localhost/x",
            "redis://localhost/-1",
            "redis://localhost:0", "redis://localhost:99999", "redis://localhost/1/2", "redis://localhost?x=1",
            "redis://localhost#1", "unix:///tmp/redis.sock",
        ]
    )
    func malformedURL(text: String) {
        #expect { try RedisConfiguration(url: text) } throws: { ($0 as? RedisError)?.kind == .malformedURL }
    }

    @Test("Neither configuration nor error tell a password or an argument")
    func redaction() throws {
        let configuration = try RedisConfiguration(url: "redis://user:hunter2@localhost")
        var dumped = "\(configuration)"
        dump(configuration, to: &dumped)
        let error = RedisError(reply: "ERR unknown command 'hunter2'")
        dump(error, to: &dumped)
        #expect(!"\(dumped) \(error) \(String(reflecting: error))".contains("hunter2"))
        #expect(error.kind == .refused(code: "ERR"))
        #expect("\(error)" == "redis: refused (ERR)")
    }

    @Test("Attempts to connect come ever more slowly, up to two seconds")
    func backoff() {
        var backoff = RedisBackoff()
        let delays = (0..<20).map { _ in backoff.next() }
        #expect((.milliseconds(25)...(.milliseconds(50))).contains(delays[0]))
        #expect(delays.allSatisfy { $0 <= .seconds(2) })
        #expect(delays.suffix(10).allSatisfy { $0 >= .seconds(1) })
    }
}
