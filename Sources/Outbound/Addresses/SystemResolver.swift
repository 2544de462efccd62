internal import Glibc
internal import NIOPosix

/// The system's resolver (`getaddrinfo`: /etc/hosts, then the name servers).
///
/// It blocks a thread for as long as name servers keep silent (with glibc's defaults 10 s each), and nothing ends it
/// sooner. So it has threads of its own: names whose servers hang delay only other look-ups, and a look-up whose caller is
/// gone is left to end by itself, or is not begun.
public struct SystemResolver: NameResolver {
    /// Made once and never stopped, as the threads of NIO's own shared pool.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 16)
        threads.start()
        return threads
    }()

    public init() {}

    public func addresses(of name: String) async throws -> [IPAddress] {
        let (answers, answer) = AsyncStream.makeStream(of: Result<[IPAddress], any Error>.self)
        let lookUp = Task {
            do {
                answer.yield(.success(try await Self.threads.runIfActive { try Self.lookUp(name) }))
            } catch {
                answer.yield(.failure(error))
            }
        }
        defer { lookUp.cancel() }
        for await result in answers { return try result.get() }
        throw CancellationError()
    }

    private static func lookUp(_ name: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // The dot keeps the machine's search domains out: a customer's name never means a neighbour of ours.
        let code = getaddrinfo(name.contains(".") ? name + "." : name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        switch code {
        case 0: break
        case EAI_NONAME, noData: throw NameResolutionError.notFound
        default: throw NameResolutionError.unavailable(code: code)
        }
        return sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
            .compactMap { entry in entry.flatMap { address(in: $0.pointee) } }
    }

    /// `EAI_NODATA`, which netdb.h shows to GNU programs only: the name exists, without an address.
    private static let noData: Int32 = -5

    private static func address(in entry: addrinfo) -> IPAddress? {
        guard let address = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin_addr) { IPAddress(bytes: Array($0)) }
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
            }
        default:
            return nil
        }
    }
}
