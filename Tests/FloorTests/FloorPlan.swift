/// What `Package.swift` allows: its `floors` table, its table of tests and the products that it names.
struct FloorPlan {
    struct Module {
        var name: String
        /// Counted from 0, the lowest.
        var floor: Int
        var isSystemLibrary: Bool
        /// Names of our modules and of other packages' products.
        var dependencies: Set<String>
    }

    var modules: [String: Module]
    var tests: Set<String>

    enum ParseError: Error {
        case missing(String)
    }

    init(floors: [[Module]], tests: Set<String> = []) {
        let all = floors.enumerated().flatMap { floor, modules in
            modules.map { module in
                var module = module
                module.floor = floor
                return module
            }
        }
        self.modules = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.tests = tests
    }

    /// Reads the manifest's text, in the layout that `swift format` gives it: asking SwiftPM for it from within
    /// `swift test` would wait for the lock that the test run holds.
    init(manifest: String) throws {
        let products = Dictionary(
            manifest.matches(of: /static let (\w+): Self = \.product\(name: "(\w+)"/).map {
                (".\($0.output.1)", String($0.output.2))
            },
            uniquingKeysWith: { first, _ in first }
        )
        guard let table = manifest.firstMatch(of: /\nlet floors: \[\[Module\]\] = \[\n(?s)(.*?)\n\]\n/) else {
            throw ParseError.missing("let floors")
        }
        guard let tests = manifest.firstMatch(of: /\nlet tests: \[Module\] = \[\n(?s)(.*?)\n\]\n/) else {
            throw ParseError.missing("let tests")
        }
        let floors = try table.output.1.split(separator: /^ {4}\],?$/.anchorsMatchLineEndings()).map { floor in
            try floor.matches(of: Self.entry).map { entry in
                try Module(
                    name: String(entry.output.2),
                    floor: 0,
                    isSystemLibrary: entry.output.1 == "system",
                    dependencies: Self.dependencies(entry.output.3, entry.output.4, products: products)
                )
            }
        }
        self.init(floors: floors, tests: Set(tests.output.1.matches(of: Self.entry).map { String($0.output.2) }))
    }

    /// `.module("Name", ["Module", …], [.product, …])`, or `.system("Name", pkgConfig: …)`.
    private static var entry: Regex<(Substring, Substring, Substring, Substring?, Substring?)> {
        /\.(system|module|executable|tests|testSupport|testProgram)\(\s*"(\w+)",\s*(?:\[([^\]]*)\](?:,\s*\[([^\]]*)\])?)?/
    }

    private static func dependencies(
        _ modules: Substring?,
        _ products: Substring?,
        products names: [String: String]
    ) throws -> Set<String> {
        let modules = (modules ?? "").matches(of: /"(\w+)"/).map { String($0.output.1) }
        let products = try (products ?? "").matches(of: /\.\w+/).map { product in
            guard let name = names[String(product.output)] else {
                throw ParseError.missing("static let \(product.output)")
            }
            return name
        }
        return Set(modules + products)
    }
}
