internal import CHiredis

/// A command: its name and its arguments as bytes, each sent as it is.
public struct RedisCommand: Sendable {
    /// All of them, one after the other.
    private var bytes: [UInt8] = []
    private var lengths: [Int] = []

    public init(_ name: String, _ arguments: [RedisArgument] = []) {
        bytes.reserveCapacity(256)
        lengths.reserveCapacity(arguments.count + 1)
        append(RedisArgument(name))
        for argument in arguments { append(argument) }
    }

    private mutating func append(_ argument: RedisArgument) {
        let start = bytes.count
        switch argument.value {
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .bytes(let value): bytes.append(contentsOf: value)
        }
        lengths.append(bytes.count - start)
    }

    /// hiredis counts a command's bytes in 32 bits; nothing of ours comes near even this.
    private static let sizeLimit = 64 << 20

    /// The command as the protocol writes it.
    func encoded() throws(RedisError) -> [UInt8] {
        guard bytes.count <= Self.sizeLimit else { throw RedisError(.commandTooLarge) }
        return bytes.withUnsafeBytes { bytes in
            var next = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            var pointers = lengths.map { length in
                defer { next = next?.advanced(by: length) }
                return next
            }
            var text: UnsafeMutablePointer<CChar>?
            let count = redisFormatCommandArgv(&text, CInt(lengths.count), &pointers, lengths)
            defer { redisFreeCommand(text) }
            guard let text, count >= 0 else { fatalError("hiredis has no memory left") }
            return Array(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
    }
}

/// One argument of a command: bytes, or what is written as its text.
public struct RedisArgument: Sendable, ExpressibleByStringLiteral {
    fileprivate enum Value {
        case text(String)
        case bytes([UInt8])
    }

    fileprivate let value: Value

    public init(_ bytes: [UInt8]) { value = .bytes(bytes) }
    public init(_ text: String) { value = .text(text) }
    public init(_ number: Int) { self.init(String(number)) }
    public init(_ number: Int64) { self.init(String(number)) }
    public init(_ key: RedisKey) { self.init(key.text) }
    public init(stringLiteral text: String) { self.init(text) }
}
