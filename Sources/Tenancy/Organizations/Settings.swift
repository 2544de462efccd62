public import Primitives

/// What an organisation chose for itself.
public struct Settings: Hashable, Sendable {
    public var theme = Theme.system
    public var language = Language.portuguese
    public var notifications = true
    /// The model of agents that name none.
    public var defaultModel = "local"
    public var defaultTemperature = 0.7
    public var maximumTokens = 2048
    /// IANA name; days and months of reports are this zone's.
    public var timeZone = "America/Sao_Paulo"
    /// Days that conversations are to be kept; nothing deletes them yet.
    public var retentionDays = 365

    public enum Theme: String, Sendable, CaseIterable {
        case light, dark, system
    }

    public enum Language: String, Sendable, CaseIterable {
        case portuguese = "pt-br"
        case english = "en"
    }

    public init() {}
}

extension Settings {
    /// Reads what was stored; what is absent, or no longer understood, has its default.
    init(stored: JSON) {
        let defaults = Settings()
        theme = stored["theme"]?.string.flatMap(Theme.init) ?? defaults.theme
        language = stored["language"]?.string.flatMap(Language.init) ?? defaults.language
        notifications = stored["notifications"]?.bool ?? defaults.notifications
        defaultModel = stored["default_model"]?.string ?? defaults.defaultModel
        defaultTemperature = stored["default_temperature"]?.double ?? defaults.defaultTemperature
        maximumTokens = stored["max_tokens"]?.integer ?? defaults.maximumTokens
        timeZone = stored["timezone"]?.string ?? defaults.timeZone
        retentionDays = stored["retention_days"]?.integer ?? defaults.retentionDays
    }

    var stored: JSON {
        [
            "theme": .string(theme.rawValue),
            "language": .string(language.rawValue),
            "notifications": .bool(notifications),
            "default_model": .string(defaultModel),
            "default_temperature": .init(floatLiteral: defaultTemperature),
            "max_tokens": JSON(maximumTokens),
            "timezone": .string(timeZone),
            "retention_days": JSON(retentionDays),
        ]
    }
}

extension TenantDatabase {
    public func settings(of tenantID: TenantID) async throws -> Settings {
        try await queryFirst(SelectSettings(tenantID: tenantID), in: tenantID) ?? Settings()
    }
}

extension TenantTransaction {
    public func settings() async throws -> Settings {
        try await queryFirst(SelectSettings(tenantID: tenantID)) ?? Settings()
    }

    /// Changes the settings under a lock, so that two changes at once both count.
    public func changeSettings(_ change: @Sendable (inout Settings) -> Void) async throws -> Settings {
        try await execute(InsertDefaultSettings(tenantID: tenantID, settings: Settings()))
        var settings = try await queryFirst(LockSettings(tenantID: tenantID)) ?? Settings()
        change(&settings)
        try await execute(UpdateSettings(tenantID: tenantID, settings: settings))
        return settings
    }
}
