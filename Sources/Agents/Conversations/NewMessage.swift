internal import Primitives

/// A message that came with a request.
struct NewMessage: Hashable, Sendable {
    let id: MessageID
    let sequence: Int
    let role: Message.Role
    let content: String
    let isImported: Bool
    let metadata: JSONObject
}
