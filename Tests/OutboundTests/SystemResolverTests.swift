internal import Testing
@testable internal import Outbound

@Suite("The system's resolver", .timeLimit(.minutes(1)))
struct SystemResolverTests {
    @Test("knows this machine's own name for itself")
    func localhost() async throws {
        let addresses = try await SystemResolver().addresses(of: "localhost")
        #expect(addresses.contains { ["127.0.0.1", "::1"].contains($0.description) })
    }

    @Test("says that a name is unknown, or that nobody could be asked")
    func unknown() async throws {
        await #expect(throws: NameResolutionError.self) {
            try await SystemResolver().addresses(of: "nao-existe.invalid")
        }
    }
}
