internal import FoundationEssentials

/// One numbered file of SQL: `0006_create_agents.sql`.
struct MigrationFile: Sendable, Equatable {
    let version: Int
    let name: String
    let sql: String

    /// - Returns: nil unless the name is four digits, `_`, then lower-case words joined by `_`, and `.sql`.
    init?(fileName: String, sql: String) {
        guard fileName.hasSuffix(".sql") else { return nil }
        let stem = fileName.dropLast(4)
        let number = stem.prefix(4)
        let words = stem.dropFirst(4)
        guard number.count == 4, number.utf8.allSatisfy({ (48...57).contains($0) }), let version = Int(number),
            words.first == "_", words.count > 1,
            words.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") })
        else { return nil }
        self.version = version
        self.name = String(stem)
        self.sql = sql
    }

    /// All `.sql` files of a directory, by name.
    static func read(directory: String) throws -> [MigrationFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".sql") }
        return try names.sorted().map { name in
            let sql = try String(contentsOf: URL(filePath: directory).appending(path: name), encoding: .utf8)
            guard let file = MigrationFile(fileName: name, sql: sql) else {
                throw PostgresError(
                    .migrationRefused,
                    reason: "\(name) is not named NNNN_verb_object.sql",
                    effect: .none
                )
            }
            return file
        }
    }
}

/// A migration that the database says it has.
struct AppliedMigration: Sendable, Equatable {
    let version: Int
    let name: String
    let checksum: [UInt8]
}

/// Compares the files with what was applied.
enum MigrationPlan {
    /// - Parameter files: with the checksum of each, in any order.
    /// - Returns: what is still to be applied, in order.
    /// - Throws: `migrationRefused` when a file that was applied has changed or is missing, when numbers repeat or leave a
    ///   gap, and when a file is older than one that was applied.
    static func pending(
        _ files: [(file: MigrationFile, checksum: [UInt8])],
        applied: [AppliedMigration]
    ) throws(PostgresError) -> [(file: MigrationFile, checksum: [UInt8])] {
        let files = files.sorted { $0.file.name < $1.file.name }
        for (index, file) in files.map(\.file).enumerated() where file.version != index + 1 {
            let isRepeated = index > 0 && files[index - 1].file.version == file.version
            throw refused(
                isRepeated ? "two files have the number of \(file.name)" : "a number is missing before \(file.name)"
            )
        }
        for migration in applied {
            guard let (file, checksum) = files.first(where: { $0.file.version == migration.version }) else {
                throw refused("the database has \(migration.name), which is not among the files")
            }
            guard file.name == migration.name, checksum == migration.checksum else {
                throw refused("\(migration.name) was changed after it had been applied")
            }
        }
        let pending = files.filter { candidate in !applied.contains { $0.version == candidate.file.version } }
        if let first = pending.first, let last = applied.map(\.version).max(), first.file.version < last {
            throw refused("\(first.file.name) is older than what was applied last")
        }
        return pending
    }

    private static func refused(_ reason: String) -> PostgresError {
        PostgresError(.migrationRefused, reason: reason, effect: .none)
    }
}
