internal import Agents
internal import Analytics
internal import HTTPTypes
internal import LanguageModels
internal import Primitives
internal import Tenancy

/// What an organisation chose, and the models it can choose from.
struct SettingsRoutes {
    let models: AvailableModels
    let reports: AnalyticsReports
    let clock: WallClock

    var endpoints: [TenantEndpoint] {
        [
            .read(
                "/settings",
                "Settings, use of the last 30 days, and models to choose from",
                .data(.overview)
            ) {
                (_: NoFields, context) in
                try await context.transaction { transaction in
                    try await overview(try await transaction.settings(), in: transaction, context)
                }
            },
            .write(
                .patch,
                "/settings",
                "Change some settings",
                .data(.overview),
                audit: .organization(.settingsUpdated)
            ) {
                (input: BodyFields<SettingsBody>, transaction, context) in
                let settings = try await transaction.changeSettings { input.body.apply(to: &$0) }
                return try await overview(settings, in: transaction, context)
            },
            .write(
                .put,
                "/settings",
                "Replace all settings; what is left out gets its default",
                .data(.overview),
                audit: .organization(.settingsReplaced)
            ) { (input: BodyFields<SettingsBody>, transaction, context) in
                let settings = try await transaction.changeSettings { settings in
                    settings = Settings()
                    input.body.apply(to: &settings)
                }
                return try await overview(settings, in: transaction, context)
            },
            .read("/models", "Models that agents can use", .data(Output.model.list)) {
                (_: NoFields, _) in models.all
            },
        ]
    }

    private func overview(
        _ settings: Settings,
        in transaction: TenantTransaction,
        _ context: TenantRequestContext
    ) async throws -> SettingsOverview {
        let zone = try ReportTimeZone(settings.timeZone)
        let report = try await reports.report(ReportQuery(period: .last(days: 30), timeZone: zone), in: transaction)
        let use = try await transaction.quotaUse(at: clock.now())
        return SettingsOverview(
            settings: settings,
            usage: CurrentUsage(
                figures: report.overview.figures,
                quotas: QuotaStanding(use: use, limits: context.tenant.organization.limits)
            ),
            models: models.all
        )
    }
}

struct SettingsOverview: Sendable {
    let settings: Settings
    let usage: CurrentUsage
    let models: [LanguageModel]
}

struct CurrentUsage: Sendable {
    /// Of the last 30 days.
    let figures: Figures
    let quotas: QuotaStanding
}

struct QuotaStanding: Sendable {
    let use: QuotaUse
    let limits: PlanLimits

    struct Line: Sendable {
        let used: Int
        let limit: Int?
    }

    subscript(quota: Quota) -> Line { Line(used: use[quota], limit: limits[quota]) }
}

private struct SettingsBody: FieldList {
    static let schemaName = "SettingsInput"

    private let theme: Settings.Theme?
    private let language: Settings.Language?
    private let notifications: Bool?
    private let defaultModel: String?
    private let defaultTemperature: Double?
    private let maximumTokens: Int?
    private let timeZone: String?
    private let retentionDays: Int?

    init(from fields: inout FieldReader) {
        theme = fields.change("theme", .oneOf(placeholder: .system), "Look of the dashboard.")
        language = fields.change("language", .oneOf(placeholder: .portuguese), "Language of the dashboard.")
        notifications = fields.change("notifications", .boolean, "Whether the dashboard notifies.")
        defaultModel = fields.change("default_model", .name(1...100), "The model of agents that name none.")
        defaultTemperature = fields.change("default_temperature", .number(0...2), "Of agents that name none.")
        maximumTokens = fields.change("max_tokens", .integer(1...8192), "Of one answer, for agents that name none.")
        timeZone = fields.change("timezone", .timeZone, "IANA zone in which days and months are counted.")
        retentionDays = fields.change(
            "retention_days",
            .integer(1...3650),
            "Days that conversations are to be kept; nothing is deleted by it yet."
        )
    }

    func apply(to settings: inout Settings) {
        settings.theme = theme ?? settings.theme
        settings.language = language ?? settings.language
        settings.notifications = notifications ?? settings.notifications
        settings.defaultModel = defaultModel ?? settings.defaultModel
        settings.defaultTemperature = defaultTemperature ?? settings.defaultTemperature
        settings.maximumTokens = maximumTokens ?? settings.maximumTokens
        settings.timeZone = timeZone ?? settings.timeZone
        settings.retentionDays = retentionDays ?? settings.retentionDays
    }
}

extension Field where Value == String {
    /// The form of an IANA zone name; whether the zone exists is known to the database.
    static let timeZone = Field.name(1...64).pattern("^[A-Za-z0-9_+/-]+$").refined(
        placeholder: "",
        pt: "deve ser um fuso da base IANA, como America/Sao_Paulo",
        en: "must be an IANA time zone such as America/Sao_Paulo"
    ) { name in
        name.wholeMatch(of: /[A-Za-z0-9_+\/-]+/) == nil ? nil : name
    }
}

extension Output where Value == Settings {
    fileprivate static let settings = Output.object(
        "Settings",
        [
            Member("theme", .name(), \.theme),
            Member("language", .name(), \.language),
            Member("notifications", .boolean, \.notifications),
            Member("default_model", .text, \.defaultModel),
            Member("default_temperature", .number, \.defaultTemperature),
            Member("max_tokens", .integer, \.maximumTokens),
            Member("timezone", .text, \.timeZone),
            Member("retention_days", .integer, \.retentionDays),
        ]
    )
}

extension Output where Value == CurrentUsage {
    /// `messages` and `tokens` of both directions.
    fileprivate static let usage = Output.object(
        "CurrentUsage",
        [
            Member("conversations", .integer, \.figures.conversationsStarted),
            Member("messages", .integer) { $0.figures.messagesIn + $0.figures.messagesOut },
            Member("tokens", .integer) {
                let tokens = $0.figures.tokens
                return tokens.input + tokens.cached + tokens.cacheWrite + tokens.output
            },
            Member("quotas", Output<QuotaStanding>.quotas, \.quotas),
        ]
    )
}

extension Output where Value == QuotaStanding {
    /// Of this month (UTC), with answers under way at the most that they can take; storage is of no month.
    fileprivate static let quotas = Output.object(
        "Quotas",
        [
            Member("messages", Output<QuotaStanding.Line>.quota) { $0[.messages] },
            Member("tokens", Output<QuotaStanding.Line>.quota) { $0[.tokens] },
            Member("storage_bytes", Output<QuotaStanding.Line>.quota) { $0[.storage] },
            Member("renews_at", .timestamp, \.use.renewsAt),
        ]
    )
}

extension Output where Value == QuotaStanding.Line {
    fileprivate static let quota = Output.object(
        "Quota",
        [Member("used", .integer, \.used), Member("limit", Output<Int>.integer.nullable, \.limit)]
    )
}

extension Output where Value == LanguageModel {
    fileprivate static let model = Output.object(
        "Model",
        [
            Member("id", .text, \.id),
            Member("name", .text, \.displayName),
            Member("provider", .text, \.provider.rawValue),
            Member("context_window", .integer, \.contextWindow),
            Member("max_output_tokens", .integer, \.maximumOutputTokens),
            Member("supports_temperature", .boolean, \.capabilities.temperature),
            Member("supports_tools", .boolean, \.capabilities.tools),
            Member("supports_images", .boolean, \.capabilities.vision),
        ]
    )
}

extension Output where Value == SettingsOverview {
    fileprivate static let overview = Output.object(
        "SettingsOverview",
        [
            Member("settings", Output<Settings>.settings, \.settings),
            Member("usage", Output<CurrentUsage>.usage, \.usage),
            Member("available_models", Output<LanguageModel>.model.list, \.models),
        ]
    )
}
