public import Primitives

/// A zone of the IANA database by its name; whether Postgres knows it, and whether its offsets are whole hours, shows when
/// a report is made.
public struct ReportTimeZone: Hashable, Sendable {
    public let name: String

    /// - Throws: `validation_error` for what cannot be such a name. Postgres also takes POSIX rules (`FOO+3`), whose sign
    ///   is the other way round: they are refused here.
    public init(_ name: String) throws(Fault) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName =
            name == "UTC"
            || name.utf8.count <= 64 && (2...3).contains(parts.count)
                && parts.allSatisfy { part in
                    part.first?.isLetter == true
                        && part.utf8.allSatisfy { byte in
                            switch byte {
                            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                                UInt8(ascii: "+"):
                                true
                            default: false
                            }
                        }
                }
        guard isName else { throw .unknownTimeZone(name) }
        self.name = name
    }

    private init(known name: String) {
        self.name = name
    }

    public static let saoPaulo = ReportTimeZone(known: "America/Sao_Paulo")
}

extension Fault {
    static func unknownTimeZone(_ name: String) -> Fault {
        .invalid(
            "timezone",
            LocalizedText(pt: "Fuso horário IANA desconhecido.", en: "Unknown IANA time zone."),
            value: name
        )
    }

    static func unsupportedTimeZone(_ name: String) -> Fault {
        .invalid(
            "timezone",
            LocalizedText(
                pt: "Só há relatórios em fusos com diferença de horas inteiras para UTC.",
                en: "Reports exist only for zones whose offset from UTC is in whole hours."
            ),
            value: name
        )
    }
}
