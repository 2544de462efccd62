internal import CHiredis

/// A command: its name and its arguments as bytes, each sent as it is.
public struct RedisCommand: Sendable {
    public let arguments: [[UInt8]]

    public init(_ name: String, _ arguments: [RedisArgument] = []) {
        self.arguments = [Array(name.utf8)] + arguments.map(\.bytes)
    }

    /// hiredis counts a command's bytes in 32 bits; nothing of ours comes near even this.
    private static let sizeLimit = 64 << 20

    /// The command as the protocol writes it.
    func encoded() throws(RedisError) -> [UInt8] {
        guard arguments.reduce(0, { $0 + $1.count }) <= Self.sizeLimit else { throw RedisError(.commandTooLarge) }
        // hiredis takes a table of pointers, so all the arguments lie one after the other at one address.
        let bytes = arguments.flatMap { $0 }
        let counts = arguments.map(\.count)
        return bytes.withUnsafeBytes { bytes in
            var next = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            var pointers = counts.map { count in
                defer { next = next?.advanced(by: count) }
                return next
            }
            var text: UnsafeMutablePointer<CChar>?
            let count = redisFormatCommandArgv(&text, CInt(counts.count), &pointers, counts)
            defer { redisFreeCommand(text) }
            guard let text, count >= 0 else { fatalError("hiredis has no memory left") }
            return Array(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
    }
}

/// One argument of a command: bytes, or what is written as its text.
public struct RedisArgument: Sendable, ExpressibleByStringLiteral {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public init(_ text: String) { bytes = Array(text.utf8) }
    public init(_ number: Int) { self.init(String(number)) }
    public init(_ number: Int64) { self.init(String(number)) }
    public init(_ key: RedisKey) { self.init(key.text) }
    public init(stringLiteral text: String) { self.init(text) }
}
