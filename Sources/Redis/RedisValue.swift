/// A reply, as RESP2 has them.
package enum RedisValue: Hashable, Sendable {
    case null
    case integer(Int)
    case status(String)
    case bytes([UInt8])
    case array([RedisValue])
    /// Only inside an array: an error that is the whole reply is thrown.
    case error(String)

    package var integer: Int {
        get throws(RedisError) {
            guard case .integer(let value) = self else { throw RedisError(.unexpectedReply) }
            return value
        }
    }

    package var bytes: [UInt8] {
        get throws(RedisError) {
            guard case .bytes(let value) = self else { throw RedisError(.unexpectedReply) }
            return value
        }
    }

    package var array: [RedisValue] {
        get throws(RedisError) {
            guard case .array(let values) = self else { throw RedisError(.unexpectedReply) }
            return values
        }
    }
}
