public import Primitives

/// The name of an uploaded file: shown to people and quoted as a source, never used as a path.
///
/// What could be taken for a path or could deceive a reader is refused, not repaired, so that a name always is what the
/// sender saw.
public struct FileName: Hashable, Sendable {
    public let text: String

    /// Characters.
    public static let maximumLength = 255

    /// - Throws: `validation_error` with everything that is wrong with the name.
    public init(_ raw: String, field: String = "file") throws(Fault) {
        let name = DisplayName.normalized(raw)
        var problems: [LocalizedText] = []
        if name.isEmpty {
            problems.append(LocalizedText(pt: "O nome do arquivo está vazio.", en: "The file name is empty."))
        }
        if raw.unicodeScalars.contains(where: \.deceives) {
            problems.append(
                LocalizedText(
                    pt: "O nome do arquivo tem caracteres de controle ou de direção de texto.",
                    en: "The file name has control or text direction characters."
                )
            )
        }
        if raw.unicodeScalars.contains(where: { "/\\".unicodeScalars.contains($0) }) || [".", ".."].contains(name) {
            problems.append(
                LocalizedText(
                    pt: "O nome do arquivo não pode ser um caminho (`/`, `\\`, `..`).",
                    en: "The file name must not be a path (`/`, `\\`, `..`)."
                )
            )
        }
        if raw.count > Self.maximumLength {
            problems.append(
                LocalizedText(
                    pt: "O nome do arquivo passa de \(Self.maximumLength) caracteres.",
                    en: "The file name exceeds \(Self.maximumLength) characters."
                )
            )
        }
        guard problems.isEmpty else {
            let shown = String(String.UnicodeScalarView(raw.unicodeScalars.filter { !$0.deceives }).prefix(80))
            throw Fault(
                .validation,
                LocalizedText(pt: "O nome do arquivo não é válido.", en: "The file name is not valid."),
                problems: problems.map { FieldProblem(field: field, message: $0, value: shown) }
            )
        }
        text = name
    }
}

extension Unicode.Scalar {
    fileprivate var deceives: Bool { isControl || isBidirectionalOverride }
}
