/// What a model takes of the parameters that were asked for, and what of them had to change.
struct AnswerParameters: Hashable {
    let temperature: Double?
    let maximumOutputTokens: Int
    let warnings: [ChatWarning]

    init(_ request: ChatRequest) {
        var warnings: [ChatWarning] = []
        if request.temperature != nil, !request.model.capabilities.temperature {
            temperature = nil
            warnings.append(.temperatureDropped)
        } else {
            temperature = request.temperature
        }
        maximumOutputTokens = min(request.maximumOutputTokens, request.model.maximumOutputTokens)
        if maximumOutputTokens < request.maximumOutputTokens {
            warnings.append(.outputLimitLowered)
        }
        self.warnings = warnings
    }
}
