internal import Primitives

extension Configuration {
    /// Who answers, and how fast at most.
    struct AnswersConfiguration: Sendable {
        let openAI: ProviderConfiguration
        let localProviderPace: Duration
        let streamPace: Duration

        struct ProviderConfiguration: Sendable {
            let apiKey: Redacted<String>?
            let baseURL: String
        }

        init(from reader: inout EnvironmentReader) {
            openAI = ProviderConfiguration(
                apiKey: reader.text(
                    "OPENAI_API_KEY",
                    fallback: .off,
                    "Key for OpenAI's models; without it only the local provider answers."
                ).map(Redacted.init),
                baseURL: reader.value(
                    "OPENAI_BASE_URL",
                    default: "https://api.openai.com/v1",
                    "Base URL of OpenAI or of a server that speaks its Responses API.",
                    mustBe: "an http or https URL"
                ) { $0.hasPrefix("http://") || $0.hasPrefix("https://") ? $0 : nil }
            )
            localProviderPace = .milliseconds(
                reader.integer(
                    "LOCAL_PROVIDER_PACE_MS",
                    default: 15,
                    in: 0...10_000,
                    "Milliseconds that the local provider takes for a word; 0 in benchmarks."
                )
            )
            streamPace = .milliseconds(
                reader.integer(
                    "STREAM_PACE_MS",
                    default: 6,
                    in: 0...1000,
                    """
                    Least milliseconds between two writes of a chat stream, so that a burst does not outrun a slow path; 0 \
                    in benchmarks.
                    """
                )
            )
        }
    }
}
