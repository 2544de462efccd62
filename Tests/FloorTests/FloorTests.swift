internal import Foundation
internal import Testing

@Suite("The house as it stands")
struct FloorTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The Swift files below a folder whose subfolders are modules.
    private static func files(under folder: String) throws -> [SourceFile] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { $0.hasSuffix(".swift") }
            .map { path in
                let module = path.prefix { $0 != "/" }
                return try SourceFile(
                    module: String(module),
                    path: "\(folder)/\(path)",
                    text: text("\(folder)/\(path)")
                )
            }
    }

    @Test("The manifest's table is read whole")
    func table() throws {
        let manifest = try Self.text("Package.swift")
        let plan = try FloorPlan(manifest: manifest)
        let entries = manifest.matches(of: /\.(?:system|module|executable|tests|testSupport|testProgram)\(\s*"/)
        #expect(plan.modules.count + plan.tests.count == entries.count)
        #expect(plan.modules["Primitives"]?.floor == 0)
        #expect(plan.modules["Server"]?.floor == 8)
        #expect(plan.modules["Postgres"]?.dependencies.isSuperset(of: ["CLibPQ", "Primitives", "Logging"]) == true)
    }

    @Test("No module breaks the floor plan")
    func tree() throws {
        let breaches = try FloorPlan(manifest: Self.text("Package.swift"))
            .breaches(sources: Self.files(under: "Sources"), tests: Self.files(under: "Tests"))
        #expect(breaches.isEmpty, "\(breaches.map(\.description).sorted().joined(separator: "\n"))")
    }
}
