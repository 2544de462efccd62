/// A Swift file of a module, as far as the floor rules look at it.
struct SourceFile {
    var module: String
    /// Relative to the package's folder.
    var path: String
    /// Without comments.
    var code: String

    init(module: String, path: String, text: String) {
        self.module = module
        self.path = path
        self.code = text.replacing(/\/\*(?s:.*?)\*\//, with: "").replacing(/(?m)^\s*\/\/.*$|\s\/\/\s.*$/, with: "")
    }

    /// The modules that it imports; of `import struct Logging.Logger` it is `Logging`.
    var imports: Set<String> {
        let statement =
            #/
            (?m) ^ \s*
            (?: @\w+ (?: \(\w+\) )? \s+ )*
            (?: (?:public|package|internal|fileprivate|private) \s+ )?
            import \s+
            (?: (?:struct|class|enum|protocol|actor|typealias|func|let|var) \s+ )?
            (\w+)
            /#
        return Set(code.matches(of: statement).map { String($0.output.1) })
    }

    /// With `\b` between a dot and a letter too; Unicode's own word boundary sees `a.b` as one word.
    func contains(_ pattern: Regex<Substring>) -> Bool {
        code.contains(pattern.wordBoundaryKind(.simple))
    }

    /// Whether it declares anything besides an empty `enum Placeholder {}`.
    var declaresSomething: Bool {
        code.replacing(/(?m)^.*\bimport\s+\w.*$/, with: "")
            .replacing(/enum Placeholder\s*\{\s*\}/, with: "")
            .contains { !$0.isWhitespace }
    }
}
