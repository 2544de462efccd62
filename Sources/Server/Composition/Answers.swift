internal import Agents
internal import AsyncHTTPClient
internal import Knowledge
internal import LanguageModels
internal import Primitives
internal import Tenancy

/// How answers are made: by which models, and under whose eyes.
struct Answers {
    let models: AvailableModels
    let runs: RunService
    /// Makes them; a service that ends before what they are told through.
    let supervisor: RunSupervisor
    /// Ends those whose process was lost.
    let reaper: RunReaper
    private let groundwork: Groundwork
    private let clock: WallClock

    /// - Parameter client: what providers are asked with.
    init(_ groundwork: Groundwork, _ catalogue: ModelCatalogue, client: HTTPClient, clock: WallClock) {
        let (database, worker, logger) = (groundwork.database, groundwork.worker, groundwork.logger)
        self.groundwork = groundwork
        self.clock = clock
        models = AvailableModels(
            catalogue,
            providers: Self.providers(groundwork.configuration, client: client),
            clock: clock
        )
        var configuration = RunConfiguration()
        configuration.drainTimeout = groundwork.configuration.shutdownGrace
        supervisor = RunSupervisor(
            database: database,
            worker: worker,
            search: KnowledgeSearch(database: database),
            configuration: configuration,
            clock: clock,
            logger: logger
        )
        runs = RunService(database: database, supervisor: supervisor, clock: clock)
        reaper = RunReaper(database: database, worker: worker, clock: clock, logger: logger)
    }

    /// What takes questions, from those whom the directory lets in.
    func chat(_ directory: OrganizationDirectory) -> ChatService {
        ChatService(
            database: groundwork.database,
            directory: directory,
            models: models,
            supervisor: supervisor,
            concurrentAnswers: groundwork.configuration.limits.concurrentAnswers,
            clock: clock
        )
    }

    private static func providers(_ configuration: Configuration, client: HTTPClient) -> [any ChatProvider] {
        var providers: [any ChatProvider] = [LocalProvider(pace: configuration.answers.localProviderPace)]
        if let key = configuration.answers.openAI.apiKey {
            let openAI = OpenAIConfiguration(baseURL: configuration.answers.openAI.baseURL, key: key)
            providers.append(OpenAIProvider(openAI, client: client))
        }
        return providers
    }
}
