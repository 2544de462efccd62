/// A `Statement` type of a module with its SQL, as the sources have it: what is declared cannot be forgotten here.
struct StatementSource: Sendable {
    let module: String
    let type: String
    let sql: String

    var name: String { "\(module).\(type)" }
}

/// A statement whose SQL cannot be read out of the sources.
struct UnreadableStatement: Error, CustomStringConvertible {
    let description: String
}

/// Reads the statements of one module.
///
/// Understood are string literals, constants of types (`\(Document.columns)`, `SelectAgent.sql`) and `+` between them;
/// anything else is an error, so SQL that is put together at run time does not slip by.
struct StatementReader {
    private let module: String
    /// Where the value of a type's constant begins, by `Type.constant`.
    private var constants: [String: Substring] = [:]
    private var conforming: [String] = []

    /// - Parameter protocols: the names of `Statement` and of all that refine it.
    init(module: String, files: [String], protocols: Set<String>) {
        self.module = module
        for file in files {
            let types = Declaration.all(in: file)
            conforming += types.filter { $0.kind != "protocol" && !protocols.isDisjoint(with: $0.inherited) }.map(
                \.name
            )
            for constant in file.matches(of: #/(?m)^[ \w]*\bstatic (?:let|var) (\w+)(?:: String)? =\s+/#) {
                guard let type = types.last(where: { $0.start < constant.range.lowerBound }) else { continue }
                constants["\(type.name).\(constant.output.1)"] = file[constant.range.upperBound...]
            }
        }
    }

    /// `Statement` and the protocols that refine it, of all modules.
    static func protocols(in files: [String]) -> Set<String> {
        let declared = files.flatMap(Declaration.all).filter { $0.kind == "protocol" }
        var protocols: Set = ["Statement"]
        while let next = declared.first(where: {
            !protocols.contains($0.name) && !protocols.isDisjoint(with: $0.inherited)
        }) {
            protocols.insert(next.name)
        }
        return protocols
    }

    func statements() throws -> [StatementSource] {
        guard Set(conforming).count == conforming.count else {
            throw UnreadableStatement(description: "\(module): two statements have one name")
        }
        return try conforming.map {
            StatementSource(module: module, type: $0, sql: try text(of: "\($0).sql", in: $0))
        }
    }

    private func text(of name: String, in type: String) throws -> String {
        let name = name.hasPrefix("Self.") ? type + name.dropFirst(4) : name
        guard var rest = constants[name] else { throw unreadable(name) }
        var text = try term(&rest, of: name, in: type)
        while let plus = rest.prefixMatch(of: /\s*\+\s*/) {
            rest = rest[plus.range.upperBound...]
            text += try term(&rest, of: name, in: type)
        }
        return text
    }

    private func term(_ rest: inout Substring, of name: String, in type: String) throws -> String {
        if let literal = rest.prefixMatch(of: /"""\n((?s:.*?))\n( *)"""/) {
            rest = rest[literal.range.upperBound...]
            let lines = literal.output.1.split(separator: "\n", omittingEmptySubsequences: false)
            let content = lines.map { $0.dropFirst(literal.output.2.count) }.joined(separator: "\n")
            return try unescaped(content.replacing("\\\n", with: ""), of: name, in: type)
        }
        if let literal = rest.prefixMatch(of: /"((?:[^"\\\n]|\\.)*)"/) {
            rest = rest[literal.range.upperBound...]
            return try unescaped(String(literal.output.1), of: name, in: type)
        }
        guard let reference = rest.prefixMatch(of: /[\w.]+/) else { throw unreadable(name) }
        rest = rest[reference.range.upperBound...]
        return try text(of: String(reference.output), in: type)
    }

    private func unescaped(_ literal: String, of name: String, in type: String) throws -> String {
        try literal.replacing(/\\(?:\(([\w.]+)\)|(.))/) { escape in
            switch (escape.output.1, escape.output.2) {
            case (let reference?, _): try text(of: String(reference), in: type)
            case (_, "\\"?): "\\"
            case (_, "\""?): "\""
            default: throw unreadable(name)
            }
        }
    }

    private func unreadable(_ name: String) -> UnreadableStatement {
        UnreadableStatement(description: "\(module): \(name) is no literal and no constant that is one")
    }
}

/// The head of a declaration of a type.
private struct Declaration {
    let kind: Substring
    let name: String
    let inherited: [String]
    let start: String.Index

    static func all(in file: String) -> [Declaration] {
        let head =
            #/
            (?m) ^ [\ ]* (?: (?:package|public|internal|fileprivate|private|final) \s+ )*
            (struct|enum|class|actor|protocol|extension) \s+ ([\w.]+) (?: <[^>{]*> )? \s* (?: : ([^{]*?) )? \s* (?: \b where \b [^{]* )? \{
            /#
        return file.matches(of: head).map { match in
            let (_, kind, name, inherited) = match.output
            let names = (inherited ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." }
            return Declaration(
                kind: kind,
                name: String(name),
                inherited: names.map(String.init),
                start: match.range.lowerBound
            )
        }
    }
}
