internal import Testing

/// Gives a suite one server for all of its tests: `RunningServer.current`.
struct ServerTrait: SuiteTrait, TestScoping {
    let settings: [String: String]
    let allowedErrors: [String]

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Program.deployed(settings) { program in
            try await program.serving(allowing: allowedErrors) { server in
                try await RunningServer.$bound.withValue(server, operation: function)
            }
        }
    }
}

extension Trait where Self == ServerTrait {
    /// One server on one database for the suite; its tests keep apart by their organisations.
    static func server(_ settings: [String: String] = [:], allowing allowedErrors: [String] = []) -> Self {
        Self(settings: settings, allowedErrors: allowedErrors)
    }
}

extension RunningServer {
    @TaskLocal fileprivate static var bound: RunningServer?

    /// The server of the running test, whose suite has the trait `.server()`.
    static var current: RunningServer {
        get throws {
            guard let bound else { throw ProgramFailure("the suite lacks the trait .server()") }
            return bound
        }
    }
}
