internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// A chat stream that was read to its end.
struct ChatAnswer: Sendable {
    let headers: HTTPHeaders
    /// Without the pings.
    let frames: [EventFrame]

    var runID: String { headers.first(name: "X-Run-Id") ?? "" }
    var conversationID: String { headers.first(name: "X-Conversation-Id") ?? "" }
    var events: [String] { frames.map { $0.json?["event"]?.string ?? "?" } }

    func data(_ event: String) -> [JSON] {
        frames.compactMap(\.json).filter { $0["event"]?.string == event }.compactMap { $0["data"] }
    }

    var text: String { data("answer").compactMap(\.string).joined() }
    var messageID: String { frames.last?.json?["message_id"]?.string ?? "" }
}

extension APIClient {
    /// Asks an agent and reads the whole stream.
    func chat(
        _ agentID: String,
        _ question: String,
        conversationID: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> ChatAnswer {
        var body: JSONObject = JSONObject([("messages", [["role": "user", "content": .string(question)]])])
        if let conversationID { body["conversation_id"] = .string(conversationID) }
        let response = try await post("/api/v2/agents/\(agentID)/chat/stream", .object(body), headers)
        guard response.status == 200, response.headers.first(name: "Content-Type") == "text/event-stream" else {
            throw ProgramFailure("no chat stream but \(response)")
        }
        return ChatAnswer(
            headers: response.headers,
            frames: try EventFrame.all(of: response.body).filter { $0.lines != [": ping"] }
        )
    }
}
