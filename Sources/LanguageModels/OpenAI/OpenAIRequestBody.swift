internal import Primitives

/// The body of `POST /responses`.
enum OpenAIRequestBody {
    static func encode(_ prompt: Prompt, for request: ChatRequest, _ parameters: AnswerParameters) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { body in
            body.member("model", request.model.id)
            if !prompt.instructions.isEmpty {
                body.member("instructions", prompt.instructions)
            }
            body.member("input") { input in
                input.array { input in
                    for message in prompt.messages {
                        input.object { item in
                            item.member("role", message.role.rawValue)
                            item.member("content", message.text)
                        }
                    }
                }
            }
            body.member("stream") { $0.value(true) }
            // Nothing of a conversation stays at the provider.
            body.member("store") { $0.value(false) }
            body.member("stream_options") { options in
                options.object { options in
                    options.member("include_obfuscation") { $0.value(false) }
                }
            }
            body.member("max_output_tokens") { $0.value(parameters.maximumOutputTokens) }
            if let temperature = parameters.temperature {
                body.member("temperature") { $0.value(temperature) }
            }
            if let effort = request.model.capabilities.reasoningEffort {
                body.member("reasoning") { reasoning in
                    reasoning.object { $0.member("effort", effort) }
                }
            }
            body.member("prompt_cache_key", request.cacheKey)
            body.member("safety_identifier", request.safetyIdentifier)
        }
        return writer.bytes
    }
}
