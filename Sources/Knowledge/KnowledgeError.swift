public import Primitives

extension Fault.Code {
    public static let knowledgeBaseNotFound = Fault.Code("knowledge_base_not_found", .notFound)
    public static let documentNotFound = Fault.Code("document_not_found", .notFound)
    public static let unsupportedDocumentType = Fault.Code("unsupported_document_type", .unsupportedMediaType)
    public static let documentNotText = Fault.Code("document_not_text", .invalid)
    public static let documentEmpty = Fault.Code("document_empty", .invalid)
    public static let documentTooLarge = Fault.Code("document_too_large", .tooLarge)
    public static let documentNotConvertible = Fault.Code("document_not_convertible", .invalid)
    public static let documentConverterMissing = Fault.Code("document_converter_missing", .unavailable)
}

extension Fault {
    static let knowledgeBaseNotFound = Fault(
        .knowledgeBaseNotFound,
        LocalizedText(pt: "Base de conhecimento não encontrada.", en: "Knowledge base not found.")
    )

    static let documentNotFound = Fault(
        .documentNotFound,
        LocalizedText(pt: "Documento não encontrado.", en: "Document not found.")
    )

    static func unsupportedDocumentType(fileName: String) -> Fault {
        let supported = DocumentKind.allFileExtensions.map { "." + $0 }.joined(separator: ", ")
        return Fault(
            .unsupportedDocumentType,
            LocalizedText(
                pt: "Este tipo de arquivo não é aceito. Tipos aceitos: \(supported).",
                en: "This type of file is not supported. Supported types: \(supported)."
            ),
            problems: [
                FieldProblem(
                    field: "file",
                    message: LocalizedText(pt: "Tipos aceitos: \(supported).", en: "Supported types: \(supported)."),
                    value: fileName
                )
            ]
        )
    }

    static let documentNotText = Fault(
        .documentNotText,
        LocalizedText(
            pt: "O arquivo não é um texto em UTF-8. Salve-o como UTF-8 e envie de novo.",
            en: "The file is not UTF-8 text. Save it as UTF-8 and upload it again."
        )
    )

    static let documentEmpty = Fault(
        .documentEmpty,
        LocalizedText(pt: "O documento não tem texto.", en: "The document has no text.")
    )

    static func documentTooLarge(limit: Int) -> Fault {
        Fault(
            .documentTooLarge,
            LocalizedText(
                pt: "O arquivo passa do limite de \(limit >> 20) MiB.",
                en: "The file exceeds the limit of \(limit >> 20) MiB."
            )
        )
    }

    static func documentNotConvertible(cause: (any Error)?) -> Fault {
        Fault(
            .documentNotConvertible,
            LocalizedText(
                pt: "Não foi possível converter o documento. Ele é grande ou complexo demais.",
                en: "The document could not be converted. It is too large or too complex."
            ),
            cause: cause
        )
    }

    static func documentConverterMissing(cause: (any Error)?) -> Fault {
        Fault(
            .documentConverterMissing,
            LocalizedText(
                pt: "O conversor de documentos (pandoc) não está instalado no servidor.",
                en: "The document converter (pandoc) is not installed on the server."
            ),
            cause: cause
        )
    }
}
