internal import CHiredis

/// hiredis's reader: takes the bytes as they come, cut anywhere, and gives the replies that are complete.
struct ReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>

    init() {
        guard let reader = redisReaderCreate() else { fatalError("hiredis has no memory left") }
        self.reader = reader
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Takes bytes, and gives the replies that are complete with them.
    func read(_ bytes: UnsafeRawBufferPointer) throws(RedisError) -> [RedisValue] {
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else { throw RedisError(.protocolViolation) }
        var replies: [RedisValue] = []
        while let reply = try next() { replies.append(reply) }
        return replies
    }

    private func next() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw RedisError(.protocolViolation) }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return RedisValue(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }
}

extension RedisValue {
    /// Copies hiredis's tree, which it never nests deeper than seven levels.
    fileprivate init(_ reply: redisReply) {
        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: reply.str, count: reply.len) }
        switch reply.type {
        case REDIS_REPLY_STRING: self = .bytes(Array(bytes))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.element, count: reply.elements)
            self = .array(elements.map { element in element.map { RedisValue($0.pointee) } ?? .null })
        default: self = .null
        }
    }
}
