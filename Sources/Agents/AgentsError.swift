internal import Analytics
public import Primitives
internal import Tenancy

extension Fault.Code {
    public static let agentNotFound = Fault.Code("agent_not_found", .notFound)
    public static let conversationNotFound = Fault.Code("conversation_not_found", .notFound)
    public static let runNotFound = Fault.Code("run_not_found", .notFound)
    public static let unknownModel = Fault.Code("unknown_model", .invalid)
    /// The agent's model was withdrawn, or its provider is no longer configured.
    public static let modelUnavailable = Fault.Code("model_unavailable", .conflict)
    /// An answer is being made in this conversation.
    public static let conversationBusy = Fault.Code("conversation_busy", .conflict)
    /// The process makes as many answers as it can.
    public static let serverBusy = Fault.Code("server_busy", .unavailable)
    /// Whoever asked lost access to the organisation, or the organisation its place, while the answer was made.
    public static let accessRevoked = Fault.Code("access_revoked", .forbidden)
    /// The process that made the answer was stopped, or lost its claim to it.
    public static let runInterrupted = Fault.Code("run_interrupted", .unavailable)
    /// The answer was made and could not be stored.
    public static let answerNotStored = Fault.Code("answer_not_stored", .unavailable)
}

extension Fault {
    static let agentNotFound = Fault(
        .agentNotFound,
        LocalizedText(pt: "Agente não encontrado.", en: "Agent not found.")
    )

    static let conversationNotFound = Fault(
        .conversationNotFound,
        LocalizedText(pt: "Conversa não encontrada.", en: "Conversation not found.")
    )

    static let runNotFound = Fault(
        .runNotFound,
        LocalizedText(pt: "Resposta não encontrada.", en: "Run not found.")
    )

    static func unknownModel(_ id: String, known: [String]) -> Fault {
        let list = known.joined(separator: ", ")
        let text = LocalizedText(
            pt: "Modelo desconhecido. Modelos disponíveis: \(list).",
            en: "Unknown model. Available models: \(list)."
        )
        return Fault(.unknownModel, text, problems: [FieldProblem(field: "model_id", message: text, value: id)])
    }

    static func modelUnavailable(_ id: String) -> Fault {
        Fault(
            .modelUnavailable,
            LocalizedText(
                pt: "O modelo do agente (\(id)) não está disponível. Escolha outro modelo para o agente.",
                en: "The agent's model (\(id)) is not available. Choose another model for the agent."
            )
        )
    }

    static let conversationBusy = Fault(
        .conversationBusy,
        LocalizedText(
            pt: "Esta conversa ainda está respondendo à mensagem anterior.",
            en: "This conversation is still answering the previous message."
        ),
        retryAfter: .seconds(2)
    )

    static let dedupeConflict = Fault(
        .dedupeConflict,
        LocalizedText(
            pt: "Esta dedupe_key já foi usada para outra conversão.",
            en: "This dedupe_key was already used for a different conversion."
        )
    )

    static let concurrencyLimited = Fault(
        .concurrencyLimited,
        LocalizedText(
            pt: "Sua organização tem respostas demais em andamento. Tente novamente em instantes.",
            en: "Your organization has too many answers under way. Try again in a moment."
        ),
        retryAfter: .seconds(2)
    )

    static let serverBusy = Fault(
        .serverBusy,
        LocalizedText(
            pt: "O servidor está ocupado. Tente novamente em instantes.",
            en: "The server is busy. Try again in a moment."
        ),
        retryAfter: .seconds(2)
    )

    static let runInterrupted = Fault(
        .runInterrupted,
        LocalizedText(
            pt: "A resposta foi interrompida. Envie a mensagem novamente.",
            en: "The answer was interrupted. Please send the message again."
        )
    )

    static let accessRevoked = Fault(
        .accessRevoked,
        LocalizedText(
            pt: "A resposta foi interrompida porque o acesso foi revogado.",
            en: "The answer was stopped because access was revoked."
        )
    )

    static let answerWithoutEnd = Fault(
        .internalFailure,
        LocalizedText(pt: "A resposta do modelo foi interrompida.", en: "The model's answer was cut off.")
    )

    static let answerFailed = Fault(
        .internalFailure,
        LocalizedText(
            pt: "A resposta não pôde ser feita. Envie a mensagem novamente.",
            en: "The answer could not be made. Please send the message again."
        )
    )

    static func answerNotStored(cause: any Error) -> Fault {
        Fault(
            .answerNotStored,
            LocalizedText(
                pt: "A resposta não pôde ser guardada. Envie a mensagem novamente.",
                en: "The answer could not be stored. Please send the message again."
            ),
            cause: cause
        )
    }

    static let agentTooLarge: Fault = {
        let size = AgentDefinition.maximumJSONSize
        let text = LocalizedText(
            pt: "tools, interface_config e goals devem ter juntos no máximo \(size) bytes",
            en: "tools, interface_config and goals must be at most \(size) bytes together"
        )
        let fields = ["tools", "interface_config", "goals"]
        return Fault(.validation, text, problems: fields.map { FieldProblem(field: $0, message: text, value: nil) })
    }()
}
