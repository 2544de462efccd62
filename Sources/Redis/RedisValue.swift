/// A reply, as RESP2 has them.
public enum RedisValue: Hashable, Sendable {
    case null
    case integer(Int)
    case status(String)
    case bytes([UInt8])
    case array([RedisValue])
    /// Only inside an array: an error that is the whole reply is thrown.
    case error(String)

    public var integer: Int {
        get throws(RedisError) {
            guard case .integer(let value) = self else { throw RedisError(.unexpectedReply) }
            return value
        }
    }

    public var bytes: [UInt8] {
        get throws(RedisError) {
            guard case .bytes(let value) = self else { throw RedisError(.unexpectedReply) }
            return value
        }
    }

    public var array: [RedisValue] {
        get throws(RedisError) {
            guard case .array(let values) = self else { throw RedisError(.unexpectedReply) }
            return values
        }
    }
}
