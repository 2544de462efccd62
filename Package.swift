// swift-tools-version: 6.2
import PackageDescription

// The floors of the house, lowest first. A module imports only what it names here, and names only modules of lower
// floors: Tests/FloorTests reads this table and every import, and fails on a breach.
let floors: [[Module]] = [
    [
        .system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        .system("CHiredis", pkgConfig: "hiredis", apt: "libhiredis-dev"),
        .system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        .system("CLibJWT", pkgConfig: "libjwt", apt: "libjwt-dev"),
        .module("Primitives", []),
    ],
    [
        .module("Postgres", ["CLibPQ", "Primitives"], [.log, .lifecycle, .deque]),
        .module(
            "Redis",
            ["CHiredis", "Primitives"],
            [.log, .metrics, .lifecycle, .nioCore, .nioPosix, .nioSSL, .deque]
        ),
        .module(
            "Outbound",
            ["Primitives"],
            [.httpClient, .nioCore, .nioHTTP1, .nioPosix, .nioSSL]
        ),
        .module("Secrets", ["COpenSSL", "Primitives"]),
    ],
    [
        .module("Tenancy", ["Postgres", "Redis", "Secrets", "Primitives"], [.log, .metrics, .lifecycle])
    ],
    [
        .module("Jobs", ["Tenancy", "Postgres", "Primitives"], [.log, .lifecycle]),
        .module(
            "LanguageModels",
            ["Tenancy", "Postgres", "Primitives"],
            [.httpClient, .nioCore, .nioHTTP1, .nioPosix]
        ),
    ],
    [
        .module("Events", ["Jobs", "Tenancy", "Postgres", "Primitives"], [.log, .lifecycle, .deque]),
        .module("Analytics", ["Tenancy", "Postgres", "Secrets", "Primitives"], [.log, .lifecycle]),
    ],
    [
        .module(
            "Auth",
            ["CLibJWT", "Jobs", "Tenancy", "Postgres", "Secrets", "Primitives"],
            [.log, .lifecycle, .httpClient, .nioCore, .nioHTTP1]
        ),
        .module(
            "Knowledge",
            ["Jobs", "Tenancy", "Events", "Analytics", "Postgres", "Secrets", "Primitives"],
            [.subprocess, .systemPackage]
        ),
        .module(
            "Webhooks",
            ["Jobs", "Tenancy", "Events", "Postgres", "Outbound", "Secrets", "Primitives"]
        ),
    ],
    [
        .module(
            "Agents",
            ["Knowledge", "Events", "Analytics", "LanguageModels", "Tenancy", "Postgres", "Secrets", "Primitives"],
            [.log, .lifecycle, .deque]
        )
    ],
    [
        .module(
            "API",
            [
                "Agents", "Knowledge", "Webhooks", "Auth", "Events", "Analytics", "LanguageModels", "Tenancy",
                "Secrets", "Primitives",
            ],
            [.hummingbird, .log, .metrics, .nioCore, .nioHTTP1, .nioHTTPTypes, .httpTypes]
        )
    ],
    [
        .executable(
            "Server",
            [
                "API", "Agents", "Knowledge", "Webhooks", "Auth", "Events", "Analytics", "Jobs", "LanguageModels",
                "Tenancy", "Postgres", "Redis", "Outbound", "Secrets", "Primitives",
            ],
            [
                .argumentParser, .hummingbird, .hummingbirdCore, .log, .metrics, .coreMetrics, .lifecycle, .unixSignals,
                .httpClient, .nioCore, .nioHTTP1,
            ]
        )
    ],
]

let tests: [Module] = [
    .testSupport(
        "TestSupport",
        ["Postgres", "Redis", "Outbound", "Primitives"],
        [.log, .lifecycle, .hummingbird, .hummingbirdCore, .httpTypes, .nioCore, .nioPosix, .nioSSL]
    ),
    .tests("FloorTests", []),
    .tests("CatalogueTests", ["Postgres", "Primitives", "TestSupport"]),
    .tests("StatementTests", ["Postgres", "Primitives", "TestSupport"]),
    .tests("PrimitivesTests", ["Primitives"]),
    .tests("SecretsTests", ["Secrets", "Primitives"]),
    .tests("PostgresTests", ["Postgres", "Primitives", "TestSupport"], [.log]),
    .tests("RedisTests", ["Redis", "Primitives", "TestSupport"], [.log, .lifecycle, .nioCore, .nioPosix]),
    .tests("OutboundTests", ["Outbound", "Primitives", "TestSupport"], [.nioCore, .nioPosix, .nioSSL]),
    .tests("TenancyTests", ["Tenancy", "Redis", "Postgres", "Primitives", "TestSupport"], [.log]),
    .tests(
        "LanguageModelsTests",
        ["LanguageModels", "Primitives", "TestSupport"],
        [.httpClient, .nioHTTP1, .nioPosix]
    ),
    .tests("JobsTests", ["Jobs", "Tenancy", "Postgres", "Redis", "Primitives", "TestSupport"], [.log, .lifecycle]),
    .tests("EventsTests", ["Events", "Tenancy", "Postgres", "Primitives", "TestSupport"], [.log]),
    .tests("AnalyticsTests", ["Analytics", "Tenancy", "Postgres", "Primitives", "TestSupport"], [.log]),
    .tests(
        "AuthTests",
        ["Auth", "Tenancy", "Secrets", "Postgres", "Primitives", "TestSupport"],
        [.log, .lifecycle, .httpClient, .hummingbird, .httpTypes]
    ),
    .tests(
        "KnowledgeTests",
        ["Knowledge", "Jobs", "Analytics", "Postgres", "Tenancy", "Primitives", "TestSupport"],
        [.log]
    ),
    .tests(
        "WebhooksTests",
        [
            "Webhooks", "Jobs", "Events", "Outbound", "Secrets", "Postgres", "Tenancy", "Primitives", "TestSupport",
        ],
        [.log]
    ),
    .tests(
        "AgentsTests",
        [
            "Agents", "Knowledge", "Jobs", "Events", "Analytics", "LanguageModels", "Tenancy", "Postgres", "Primitives",
            "TestSupport",
        ],
        [.log, .lifecycle]
    ),
    .tests(
        "APITests",
        [
            "API", "Agents", "Knowledge", "Webhooks", "Auth", "Events", "Analytics", "LanguageModels", "Tenancy",
            "Postgres", "Redis", "Outbound", "Secrets", "Primitives",
        ],
        [.hummingbird, .httpTypes, .httpClient, .nioCore, .nioEmbedded, .nioHTTPTypes, .log]
    ),
    .tests("ServerTests", ["Server", "Primitives", "TestSupport"], [.log]),
    .tests(
        "EndToEndTests",
        ["Auth", "Tenancy", "Postgres", "Redis", "Outbound", "Secrets", "Primitives", "TestSupport"],
        [.httpClient, .nioCore, .nioHTTP1, .nioPosix, .subprocess]
    ),
    .testProgram("Bench", ["Auth", "Jobs", "Tenancy", "Postgres", "Primitives"], [.log, .lifecycle, .httpClient]),
    .testProgram(
        "Chaos",
        ["Events", "Jobs", "Tenancy", "Redis", "Postgres", "Primitives"],
        [.log, .lifecycle, .unixSignals]
    ),
]

let package = Package(
    name: "agentes-de-conversao",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "agentes", targets: ["Server"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: (floors.flatMap { $0 } + tests).map(\.target)
)

/// One room of the house: a target and the strictness that all of ours share.
struct Module {
    let target: Target

    /// A module's name, the modules of ours that it may import, and the products of other packages.
    static func module(_ name: String, _ modules: [String], _ products: [Target.Dependency] = []) -> Module {
        Module(target: .target(name: name, dependencies: dependencies(modules, products), swiftSettings: strict))
    }

    static func executable(_ name: String, _ modules: [String], _ products: [Target.Dependency] = []) -> Module {
        Module(
            target: .executableTarget(
                name: name,
                dependencies: dependencies(modules, products),
                swiftSettings: strict
            )
        )
    }

    static func tests(_ name: String, _ modules: [String], _ products: [Target.Dependency] = []) -> Module {
        Module(target: .testTarget(name: name, dependencies: dependencies(modules, products), swiftSettings: strict))
    }

    static func testSupport(_ name: String, _ modules: [String], _ products: [Target.Dependency] = []) -> Module {
        Module(
            target: .target(
                name: name,
                dependencies: dependencies(modules, products),
                path: "Tests/\(name)",
                swiftSettings: strict
            )
        )
    }

    /// A program that scripts run.
    static func testProgram(_ name: String, _ modules: [String], _ products: [Target.Dependency] = []) -> Module {
        Module(
            target: .executableTarget(
                name: name,
                dependencies: dependencies(modules, products),
                path: "Tests/\(name)",
                swiftSettings: strict
            )
        )
    }

    static func system(_ name: String, pkgConfig: String, apt: String) -> Module {
        Module(target: .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])]))
    }

    private static func dependencies(_ modules: [String], _ products: [Target.Dependency]) -> [Target.Dependency] {
        modules.map { .byName(name: $0) } + products
    }

    private static let strict: [SwiftSetting] = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("ExistentialAny"),
        // Rows are decoded, and JSON is written, by generic code of one module for types of another. Only what is public is
        // optimized across modules (Swift 6.3 leaves out what is package), so public is what the seams between ours are.
        .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    ]
}

extension Target.Dependency {
    static let hummingbird: Self = .product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore: Self = .product(name: "HummingbirdCore", package: "hummingbird")
    static let unixSignals: Self = .product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let httpClient: Self = .product(name: "AsyncHTTPClient", package: "async-http-client")
    static let lifecycle: Self = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let argumentParser: Self = .product(name: "ArgumentParser", package: "swift-argument-parser")
    static let deque: Self = .product(name: "DequeModule", package: "swift-collections")
    static let httpTypes: Self = .product(name: "HTTPTypes", package: "swift-http-types")
    static let log: Self = .product(name: "Logging", package: "swift-log")
    static let coreMetrics: Self = .product(name: "CoreMetrics", package: "swift-metrics")
    static let metrics: Self = .product(name: "Metrics", package: "swift-metrics")
    static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded: Self = .product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1: Self = .product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes: Self = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioPosix: Self = .product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL: Self = .product(name: "NIOSSL", package: "swift-nio-ssl")
    static let systemPackage: Self = .product(name: "SystemPackage", package: "swift-system")
    static let subprocess: Self = .product(name: "Subprocess", package: "swift-subprocess")
}
