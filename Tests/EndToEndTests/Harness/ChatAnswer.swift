internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// A chat stream that was read to its end.
struct ChatAnswer: Sendable {
    let headers: HTTPHeaders
    /// Without the pings.
    let frames: [EventFrame]

    func header(_ name: String) -> String? { headers.first(name: name) }

    var runID: String { header("X-Run-Id") ?? "" }
    var conversationID: String { header("X-Conversation-Id") ?? "" }
    var events: [String] { frames.map { $0.json?["event"]?.string ?? "?" } }

    func data(_ event: String) -> [JSON] {
        frames.compactMap(\.json).filter { $0["event"]?.string == event }.compactMap { $0["data"] }
    }

    var text: String { data("answer").compactMap(\.string).joined() }
    var messageID: String { frames.last?.json?["message_id"]?.string ?? "" }
}

/// A chat stream whose answer is still coming.
struct OpenChat: Sendable {
    let runID: String
    let conversationID: String
    let response: HTTPClientResponse

    /// The frames up to and with the first of that event.
    func frames(until event: String) async throws -> [EventFrame] {
        var reader = EventReader(response)
        return try await reader.frames { $0.json?["event"]?.string == event }
    }
}

extension APIClient {
    /// Asks an agent; the answer is there to be read, or not.
    func openChat(_ agentID: String, _ question: String) async throws -> OpenChat {
        let body: JSON = ["messages": [["role": "user", "content": .string(question)]]]
        let response = try await open(
            .POST,
            "/api/v2/agents/\(agentID)/chat/stream",
            headers: [("Content-Type", "application/json")],
            body: body.encoded
        )
        guard let runID = response.headers.first(name: "X-Run-Id"),
            let conversationID = response.headers.first(name: "X-Conversation-Id")
        else { throw ProgramFailure("no chat stream but \(response.status)") }
        return OpenChat(runID: runID, conversationID: conversationID, response: response)
    }

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
