package import Testing

/// Gives each test of a suite, or one test, a database of its own: `TestDatabase.current`.
package struct DatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await TestDatabase.using { database in
            try await TestDatabase.$bound.withValue(database, operation: function)
        }
    }
}

extension Trait where Self == DatabaseTrait {
    /// A real database for each test, with every migration applied.
    package static var database: Self { Self() }
}

extension TestDatabase {
    @TaskLocal static var bound: TestDatabase?

    /// The database of the running test, which has the trait `.database`.
    package static var current: TestDatabase {
        get throws {
            guard let bound else { throw MissingTestService("the test lacks the trait .database") }
            return bound
        }
    }
}
