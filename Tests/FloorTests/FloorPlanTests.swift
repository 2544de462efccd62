internal import Testing

@Suite("The floor plan notices")
struct FloorPlanTests {
    /// A house of five rooms: two on the ground floor, one on each of the next two, and the server.
    private static let plan = FloorPlan(
        floors: [
            [module("CLibPQ", system: true), module("Primitives")],
            [module("Postgres", ["CLibPQ", "Primitives", "Logging"])],
            [module("Agents", ["Postgres", "Primitives"])],
            [module("Server", ["Agents", "Hummingbird"])],
        ],
        tests: ["PostgresTests"]
    )

    private static func module(_ name: String, _ names: Set<String> = [], system: Bool = false) -> FloorPlan.Module {
        FloorPlan.Module(name: name, floor: 0, isSystemLibrary: system, dependencies: names)
    }

    /// One file of `text` in `module`, the other rooms furnished.
    private func breaches(_ module: String, _ text: String, file: String = "File.swift") -> [String] {
        let path = "Sources/\(module)/\(file)"
        let furniture = ["Primitives", "Postgres", "Agents", "Server"].map {
            SourceFile(module: $0, path: "Sources/\($0)/Room.swift", text: "struct Room {}")
        }
        let tests = [SourceFile(module: "PostgresTests", path: "Tests/PostgresTests/T.swift", text: "struct T {}")]
        let file = SourceFile(module: module, path: path, text: text)
        return Self.plan.breaches(sources: furniture + [file], tests: tests).map(\.description).sorted()
    }

    @Test(
        "imports that are in order, and says nothing",
        arguments: [
            ("Postgres", "internal import CLibPQ\npackage import Primitives\n@preconcurrency internal import Logging"),
            ("Agents", "internal import struct Postgres.Row\ninternal import Synchronization"),
            ("Server", "internal import Hummingbird"),
            ("Agents", "// import CLibPQ\n/* import\nServer */ let text = \"import CLibPQ\""),
        ]
    )
    func order(module: String, text: String) {
        #expect(breaches(module, text) == [])
    }

    @Test(
        "an import that Package.swift does not name",
        arguments: [
            "internal import Server", "import Server", "@testable import Server", "package import struct Server.Room",
            "  @_spi(Testing) public import Server", "@preconcurrency internal import Server",
        ]
    )
    func unnamed(text: String) {
        #expect(
            breaches("Agents", text) == [
                "Sources/Agents/File.swift: imports Server, which Package.swift does not name for Agents"
            ]
        )
    }

    @Test("an import of another package's module that is there only by accident")
    func transitive() {
        #expect(
            breaches("Agents", "internal import Logging") == [
                "Sources/Agents/File.swift: imports Logging, which Package.swift does not name for Agents"
            ]
        )
    }

    @Test("a dependency on the same or a higher floor", arguments: ["Auth", "Agents"])
    func upward(name: String) {
        let plan = FloorPlan(floors: [
            [Self.module("Knowledge", [name]), Self.module("Auth")], [Self.module("Agents")],
        ])
        let rules = plan.breaches(sources: [], tests: []).filter { $0.rule.hasPrefix("names \(name)") }
        #expect(rules.map(\.place) == ["Knowledge"])
    }

    @Test(
        "a reserved module outside its owner, even where Package.swift names it",
        arguments: [
            ("CLibPQ", "Postgres"), ("CHiredis", "Redis"), ("COpenSSL", "Secrets"), ("CLibJWT", "Auth"),
            ("Hummingbird", "API and Server"),
        ]
    )
    func reserved(name: String, owners: String) {
        let plan = FloorPlan(floors: [[Self.module(name)], [Self.module("Agents", [name])]])
        let file = SourceFile(module: "Agents", path: "Sources/Agents/File.swift", text: "internal import \(name)")
        let rules = plan.breaches(sources: [file], tests: []).filter { $0.place == file.path }.map(\.rule)
        #expect(rules == ["imports \(name), which only \(owners) may"])
    }

    @Test(
        "a read of the environment outside Server",
        arguments: [
            "let path = ProcessInfo.processInfo.environment[\"PATH\"]", "let home = getenv(\"HOME\")",
            "let info = ProcessInfo.processInfo\n    .environment", "let all = environ",
        ]
    )
    func environment(text: String) {
        let rule = "reads the environment, which only Server may"
        #expect(breaches("Agents", text) == ["Sources/Agents/File.swift: \(rule)"])
        #expect(breaches("Server", text) == [])
    }

    @Test(
        "a read of the wall clock outside Primitives.WallClock",
        arguments: [
            "let now = Date()", "let now = Date.now", "let now: Date = .now", "let age = then.timeIntervalSinceNow",
            "clock_gettime(CLOCK_REALTIME, &now)", "func f(at date: Date? = nil) { g(.now) }",
        ]
    )
    func wallClock(text: String) {
        let rule = "reads the wall clock, which only Primitives.WallClock may"
        #expect(breaches("Primitives", text) == ["Sources/Primitives/File.swift: \(rule)"])
        #expect(breaches("Primitives", text, file: "WallClock.swift") == [])
    }

    @Test(
        "no fault in durations and in an environment that is given to a subprocess",
        arguments: [
            "let start = ContinuousClock.now", "wait(until: .now + .seconds(1))", "run(environment: .custom([:]))",
        ]
    )
    func harmless(text: String) {
        #expect(breaches("Agents", text) == [])
    }

    @Test("a module with nothing in it, and one that nobody named")
    func presence() {
        let plan = FloorPlan(
            floors: [[Self.module("Auth"), Self.module("CLibPQ", system: true)]],
            tests: ["AuthTests"]
        )
        let sources = [
            SourceFile(
                module: "Auth",
                path: "Sources/Auth/P.swift",
                text: "internal import Logging\nenum Placeholder {}\n"
            ),
            SourceFile(module: "Common", path: "Sources/Common/Common.swift", text: "struct Common {}"),
        ]
        let rules = plan.breaches(sources: sources, tests: []).map(\.description).filter { !$0.contains("imports") }
        #expect(
            rules.sorted() == [
                "Auth: is in Package.swift and has nothing in it",
                "AuthTests: is in Package.swift and has nothing in it",
                "Common: has sources and is not in Package.swift",
            ]
        )
    }

    @Test("a table in the manifest that it cannot read")
    func unreadable() {
        #expect(throws: FloorPlan.ParseError.self) { try FloorPlan(manifest: "let package = Package()") }
    }
}
