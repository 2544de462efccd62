internal import Primitives

/// Hands a configuration its variables, one by one, and collects everything that is wrong with them.
///
/// Each variable is declared once, where it is read: from the same declaration come the check at start and its entry in
/// `.env.example`. A problem names the variable and never prints a value.
struct EnvironmentReader {
    private let values: [String: String]
    private let isDescribing: Bool
    private(set) var problems: [String] = []
    private(set) var variables: [Variable] = []

    /// One variable as `.env.example` shows it.
    struct Variable {
        let names: [String]
        let about: String
        let fallback: Fallback
    }

    enum Fallback {
        case value(String)
        /// Unset, the server does not start.
        case required
        /// Unset, what it is for is off.
        case off
    }

    init(_ values: [String: String]) {
        self.values = values.filter { !$0.value.isEmpty }
        isDescribing = false
    }

    private init() {
        values = [:]
        isDescribing = true
    }

    static func describing() -> EnvironmentReader {
        EnvironmentReader()
    }

    /// A text that may be missing.
    mutating func text(_ names: String..., fallback: Fallback, _ about: String) -> String? {
        variables.append(Variable(names: names, about: about, fallback: fallback))
        guard !isDescribing else { return nil }
        if let value = names.compactMap({ values[$0] }).first { return value }
        switch fallback {
        case .value(let value): return value.isEmpty ? nil : value
        case .off: return nil
        case .required:
            problems.append("\(names.joined(separator: " or ")) is required")
            return nil
        }
    }

    /// A value with a default.
    mutating func value<Value>(
        _ name: String,
        default fallback: Value,
        _ about: String,
        mustBe expectation: String,
        _ parse: (String) -> Value?
    ) -> Value {
        let text = text(name, fallback: .value("\(fallback)"), about)
        guard !isDescribing, let text else { return fallback }
        guard let value = parse(text) else {
            problems.append("\(name) must be \(expectation)")
            return fallback
        }
        return value
    }

    mutating func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>, _ about: String) -> Int {
        value(name, default: fallback, about, mustBe: "an integer from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func boolean(_ name: String, default fallback: Bool, _ about: String) -> Bool {
        value(name, default: fallback, about, mustBe: "true or false") { Bool($0) }
    }

    /// A list, separated by commas.
    mutating func list(_ name: String, fallback: Fallback, _ about: String) -> [String] {
        (text(name, fallback: fallback, about) ?? "").split(separator: ",")
            .map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
            .filter { !$0.isEmpty }
    }

    mutating func problem(_ text: String) {
        guard !isDescribing else { return }
        problems.append(text)
    }
}

/// Everything wrong with the environment, at once.
struct ConfigurationError: Error, CustomStringConvertible {
    let problems: [String]

    var description: String {
        "The environment is not complete:\n" + problems.map { "  - \($0)" }.joined(separator: "\n")
    }
}

extension [EnvironmentReader.Variable] {
    /// The text of `.env.example`.
    var example: String {
        map { variable in
            let name = variable.names[0]
            let aliases = variable.names.dropFirst().map { " Also read as \($0)." }.joined()
            let (note, line) =
                switch variable.fallback {
                case .value(let value): ("Default: \(value.isEmpty ? "none" : value).", "#\(name)=\(value)")
                case .required: ("Required.", "\(name)=")
                case .off: ("Unset: off.", "#\(name)=")
                }
            let comment = "\(variable.about)\(aliases) \(note)".wrapped(at: 116).map { "# \($0)" }
            return (comment + [line, ""]).joined(separator: "\n")
        }
        .joined(separator: "\n")
    }
}

extension String {
    fileprivate func wrapped(at width: Int) -> [String] {
        var lines = [""]
        for word in split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + word.count < width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
