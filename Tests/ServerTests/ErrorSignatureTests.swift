internal import Logging
internal import Primitives
@testable internal import Server
internal import Testing

@Suite("What makes errors the same") struct ErrorSignatureTests {
    private struct Surprise: Error {}
    private struct OtherSurprise: Error {}

    private static func event(_ error: (any Error)?, level: Logger.Level = .error, line: UInt = 7) -> LogEvent {
        LogEvent(
            level: level,
            message: "request failed",
            error: error,
            metadata: nil,
            source: nil,
            file: "API/Edge.swift",
            function: "respond",
            line: line
        )
    }

    private static func fault(_ kind: Fault.Kind, cause: (any Error)? = nil, line: UInt = 3) -> Fault {
        Fault(Fault.Code("some_code", kind), .internalFailure, cause: cause, file: "Tenancy/Some.swift", line: line)
    }

    @Test("A fault of ours has its code and the place where it was made")
    func fault() throws {
        let signature = try #require(ErrorSignature(Self.event(Self.fault(.internalFailure, cause: Surprise()))))
        #expect(signature.code == "some_code" && signature.place == "Tenancy/Some.swift:3")
        #expect(signature.cause == "Surprise")
        #expect(signature.fingerprint.count == 12)
    }

    @Test("Another error has its type and the place where it was logged")
    func unexpected() throws {
        let signature = try #require(ErrorSignature(Self.event(Surprise())))
        #expect(signature.code == "Surprise" && signature.place == "API/Edge.swift:7")
    }

    @Test("The fingerprint is the same for the same failure, and another for another code, place or cause")
    func fingerprints() throws {
        let events = [
            Self.event(Self.fault(.internalFailure, cause: Surprise())),
            Self.event(Self.fault(.internalFailure, cause: OtherSurprise())),
            Self.event(Self.fault(.internalFailure, line: 4)), Self.event(Surprise()), Self.event(Surprise(), line: 8),
        ]
        let prints = events.compactMap { ErrorSignature($0)?.fingerprint }
        #expect(Set(prints).count == events.count)
        #expect(events.compactMap { ErrorSignature($0)?.fingerprint } == prints)
    }

    @Test("What is unavailable is one thing, whatever it came of")
    func unavailable() {
        let one = ErrorSignature(Self.event(Self.fault(.unavailable, cause: Surprise())))
        #expect(one != nil && one == ErrorSignature(Self.event(Self.fault(.unavailable, cause: OtherSurprise()))))
    }

    @Test("What only the caller can mend is no failure of ours", arguments: Fault.Kind.allCases)
    func callers(_ kind: Fault.Kind) {
        let isOurs = [.internalFailure, .unavailable, .badGateway].contains(kind)
        #expect((ErrorSignature(Self.event(Self.fault(kind))) != nil) == isOurs)
    }

    @Test("An event below warning, or without an error, is none")
    func others() {
        #expect(ErrorSignature(Self.event(Surprise(), level: .info)) == nil)
        #expect(ErrorSignature(Self.event(nil)) == nil)
    }

    @Test("Of a flood the first ten of a minute are told, the others counted, and the next minute begins anew")
    func flood() throws {
        let signature = try #require(ErrorSignature(Self.event(Surprise())))
        let rare = try #require(ErrorSignature(Self.event(OtherSurprise())))
        var flood = ErrorFlood()
        let told = (0..<1000).map { _ in flood.admit(signature).isTold }
        #expect(told == Array(repeating: true, count: 10) + Array(repeating: false, count: 990))
        #expect(flood.admit(rare).isTold)
        let sums = flood.endMinute()
        #expect(sums.map(\.signature) == [signature] && sums.map(\.suppressed) == [990])
        #expect(flood.admit(signature).isTold)
        #expect(flood.endMinute().isEmpty)
    }

    @Test("However many different ones come, only so many are kept apart")
    func capacity() throws {
        var flood = ErrorFlood()
        let all = try (0..<ErrorFlood.capacity + 100).map { line in
            try #require(ErrorSignature(Self.event(Surprise(), line: UInt(line))))
        }
        let counted = Set(all.map { flood.admit($0).signature })
        #expect(counted.count == ErrorFlood.capacity + 1 && counted.contains(.other))
        #expect(flood.endMinute().map(\.suppressed) == [90])
    }
}
