internal import LanguageModels

extension Output where Value == TokenUsage {
    static let usage = Output.object(
        "TokenUsage",
        [
            Member("input_tokens", .integer, \.inputTotal), Member("cached_tokens", .integer, \.cacheRead),
            Member("output_tokens", .integer, \.output), Member("estimated", .boolean, \.isEstimated),
        ]
    )
}
