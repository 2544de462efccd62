public import Primitives

/// What a report is about.
public struct ReportQuery: Sendable {
    public let period: ReportPeriod
    public let timeZone: ReportTimeZone
    /// nil: all agents.
    public let agentID: AgentID?
    /// The tenant's: shown first, others apart.
    public let currency: Currency

    public init(
        period: ReportPeriod,
        timeZone: ReportTimeZone = .saoPaulo,
        agentID: AgentID? = nil,
        currency: Currency = .brl
    ) {
        self.period = period
        self.timeZone = timeZone
        self.agentID = agentID
        self.currency = currency
    }
}
