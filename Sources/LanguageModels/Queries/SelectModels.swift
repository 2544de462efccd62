internal import Postgres
internal import Primitives
public import Tenancy

extension ModelCatalogue {
    /// The catalogue as the table has it: platform data, the same under every tenant.
    public static func load(from database: TenantDatabase) async throws -> ModelCatalogue {
        ModelCatalogue(try await database.query(SelectModels(), in: .system))
    }
}

struct SelectModels: Statement {
    static let sql = """
        SELECT id, provider, display_name, context_window, max_output_tokens, takes_temperature, takes_tools,
            takes_images, reasoning_effort, available_from, retired_at
        FROM models.model ORDER BY provider, id
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> LanguageModel {
        let id = try row.read(String.self)
        let provider = ProviderName(rawValue: try row.read())
        return LanguageModel(
            id: id,
            provider: provider,
            displayName: try row.read(),
            contextWindow: try row.read(),
            maximumOutputTokens: try row.read(),
            capabilities: LanguageModel.Capabilities(
                temperature: try row.read(),
                tools: try row.read(),
                vision: try row.read(),
                reasoningEffort: try row.read(String?.self)
            ),
            availableFrom: try row.read(),
            retiredAt: try row.read(Timestamp?.self)
        )
    }
}
