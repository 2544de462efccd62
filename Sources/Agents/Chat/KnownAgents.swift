internal import Primitives
internal import Synchronization
internal import Tenancy

/// Agents as they were when a conversation last began with them; at most `capacity`.
///
/// They may have changed since, in another process too: whoever takes one looks how it is in the transaction in which it
/// counts.
final class KnownAgents: Sendable {
    struct Key: Hashable {
        let tenantID: TenantID
        let agentID: AgentID
    }

    private let capacity: Int
    private let agents = Mutex<[Key: AnsweringAgent]>([:])

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    func agent(_ key: Key) -> AnsweringAgent? {
        agents.withLock { $0[key] }
    }

    /// - Parameter agent: nil where there is none any more.
    func note(_ agent: AnsweringAgent?, for key: Key) {
        agents.withLock { agents in
            // Each is known again with its next conversation.
            if agent != nil, agents.count >= capacity, agents[key] == nil {
                agents.removeAll(keepingCapacity: true)
            }
            agents[key] = agent
        }
    }
}
