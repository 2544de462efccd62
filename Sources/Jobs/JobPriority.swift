/// Which of a tenant's due jobs come first; between tenants it decides nothing, or everybody's would be urgent.
public enum JobPriority: Int, Sendable, CaseIterable {
    case urgent = 0
    case high = 1
    case normal = 2
    case low = 3
}
