package import Primitives

/// What a report is about.
package struct ReportQuery: Sendable {
    package let period: ReportPeriod
    package let timeZone: ReportTimeZone
    /// nil: all agents.
    package let agentID: AgentID?
    /// The tenant's: shown first, others apart.
    package let currency: Currency

    package init(
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
