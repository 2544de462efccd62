/// A place where the sources do what the floor plan forbids.
struct Breach: Hashable, CustomStringConvertible {
    /// A file, or a module's name where the module as a whole is at fault.
    var place: String
    var rule: String

    var description: String { "\(place): \(rule)" }
}

extension FloorPlan {
    /// Modules that only these may import, whatever `Package.swift` says.
    private static let reserved: [String: Set<String>] = [
        "CLibPQ": ["Postgres"],
        "CHiredis": ["Redis"],
        "COpenSSL": ["Secrets"],
        "CLibJWT": ["Auth"],
        "Hummingbird": ["API", "Server"],
    ]

    /// What comes with the toolchain and needs no line in `Package.swift`.
    private static let toolchain: Set<String> = [
        "Swift", "Synchronization", "FoundationEssentials", "Foundation", "Dispatch", "Glibc", "Musl", "Darwin",
    ]

    /// Every breach in the files below `Sources` and `Tests`; a module's folder has its name.
    func breaches(sources: [SourceFile], tests: [SourceFile]) -> Set<Breach> {
        var breaches = Set(modules.values.flatMap(breachesOfDeclaration))
        for file in sources {
            breaches.formUnion(breachesOfImports(in: file))
            breaches.formUnion(breachesOfAmbientState(in: file))
        }
        breaches.formUnion(breachesOfPresence(files: sources + tests))
        return breaches
    }

    /// A dependency stands on a lower floor.
    private func breachesOfDeclaration(_ module: Module) -> [Breach] {
        module.dependencies.compactMap { name in
            guard let dependency = modules[name], dependency.floor >= module.floor else { return nil }
            return Breach(
                place: module.name,
                rule: "names \(name), which stands on floor \(dependency.floor), not below floor \(module.floor)"
            )
        }
    }

    private func breachesOfImports(in file: SourceFile) -> [Breach] {
        file.imports.flatMap { name in
            var breaches: [Breach] = []
            let allowed = modules[file.module]?.dependencies ?? []
            if !allowed.contains(name) && !Self.toolchain.contains(name) {
                breaches.append(
                    Breach(
                        place: file.path,
                        rule: "imports \(name), which Package.swift does not name for \(file.module)"
                    )
                )
            }
            if let owners = Self.reserved[name], !owners.contains(file.module) {
                let owners = owners.sorted().joined(separator: " and ")
                breaches.append(Breach(place: file.path, rule: "imports \(name), which only \(owners) may"))
            }
            return breaches
        }
    }

    /// The environment and the wall clock are read in one place each.
    private func breachesOfAmbientState(in file: SourceFile) -> [Breach] {
        var breaches: [Breach] = []
        if file.module != "Server",
            file.contains(/\bProcessInfo\b[^;{}]*?\.environment\b|\b(?:secure_)?getenv\s*\(|\benviron\b/)
        {
            breaches.append(Breach(place: file.path, rule: "reads the environment, which only Server may"))
        }
        // An implicit `.now` may be ContinuousClock's; beside a mention of Date it is not trusted.
        let readsDate =
            file.contains(
                /\bDate\s*\(\s*\)|\bDate\s*\.\s*now\b|\btimeIntervalSinceNow\b|\bDate\s*\.\s*init\s*\(\s*\)/
            )
            || file.contains(/\bDate\b/) && file.contains(/[\s(\[,:]\.now\b/)
        let readsSystem = file.contains(/\bCLOCK_REALTIME\b|\bgettimeofday\s*\(|\btime\s*\(\s*nil\s*\)/)
        if file.path != "Sources/Primitives/WallClock.swift", readsDate || readsSystem {
            breaches.append(Breach(place: file.path, rule: "reads the wall clock, which only Primitives.WallClock may"))
        }
        return breaches
    }

    /// What `Package.swift` names has something in it, and what stands in the tree is named.
    private func breachesOfPresence(files: [SourceFile]) -> [Breach] {
        let named = Set(modules.values.filter { !$0.isSystemLibrary }.map(\.name)).union(tests)
        let inhabited = Set(files.filter(\.declaresSomething).map(\.module))
        let present = Set(files.map(\.module))
        return named.subtracting(inhabited).map { Breach(place: $0, rule: "is in Package.swift and has nothing in it") }
            + present.subtracting(named).map { Breach(place: $0, rule: "has sources and is not in Package.swift") }
    }
}
