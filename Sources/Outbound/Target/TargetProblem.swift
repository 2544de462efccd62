public import Primitives

/// Why a URL is not called.
public enum TargetProblem: Error, Hashable, Sendable, CaseIterable {
    case tooLong, notASCII, unreadable, character, scheme, userInfo, port, host, zone, spelling, reservedName
    case blockedAddress

    /// For whoever typed it.
    public var text: LocalizedText {
        switch self {
        case .tooLong:
            LocalizedText(pt: "O endereço é longo demais.", en: "The address is too long.")
        case .notASCII:
            LocalizedText(
                pt: "O endereço só pode ter caracteres ASCII: escreva o domínio em punycode (xn--…) e o resto com %.",
                en:
                    "The address can only have ASCII characters: write the domain in punycode (xn--…) and the rest with %."
            )
        case .unreadable:
            LocalizedText(pt: "O endereço não é uma URL completa.", en: "The address is not a complete URL.")
        case .character:
            LocalizedText(
                pt: "O caminho tem um caractere que precisa ser escrito com %.",
                en: "The path has a character that must be written with %."
            )
        case .scheme:
            LocalizedText(pt: "O endereço precisa começar com https://.", en: "The address must begin with https://.")
        case .userInfo:
            LocalizedText(
                pt: "O endereço não pode ter usuário ou senha.",
                en: "The address cannot have a user or a password."
            )
        case .port:
            LocalizedText(pt: "Essa porta não é permitida.", en: "That port is not allowed.")
        case .host:
            LocalizedText(pt: "O nome do servidor é inválido.", en: "The host name is invalid.")
        case .zone:
            LocalizedText(
                pt: "Um endereço IPv6 não pode ter interface (%).",
                en: "An IPv6 address cannot have a zone (%)."
            )
        case .spelling:
            LocalizedText(
                pt: "Escreva o endereço IPv4 com quatro números decimais, sem zeros à esquerda.",
                en: "Write the IPv4 address as four decimal numbers without leading zeros."
            )
        case .reservedName:
            LocalizedText(
                pt: "O servidor precisa ter um nome público na internet.",
                en: "The host must have a public name on the internet."
            )
        case .blockedAddress:
            LocalizedText(
                pt: "O servidor precisa ter um endereço público na internet.",
                en: "The host must have a public address on the internet."
            )
        }
    }

    /// The same, for an answer: status 422.
    var fault: Fault { Fault(.outboundTargetRefused, text, cause: self) }
}

extension Fault.Code {
    /// A URL that is not called; the text says why, and the cause is a `TargetProblem`.
    public static let outboundTargetRefused = Self("outbound_target_refused", .invalid)
}
