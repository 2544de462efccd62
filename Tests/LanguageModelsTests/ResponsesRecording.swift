internal import Testing
internal import Foundation
internal import Primitives
@testable internal import LanguageModels

/// An event stream of the Responses API, with the answer that it says it carried.
struct ResponsesRecording: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    /// The text and the usage in the terminal event, read without the code under test.
    var told: (text: String, usage: JSON?) {
        let terminal =
            bytes
            .split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .filter { $0.starts(with: "data: ".utf8) }
            .compactMap { try? JSON.parse($0.dropFirst(6)).root }
            .last { $0["response"]?["usage"]?.object != nil }
        let texts = (terminal?["response"]?["output"]?.array ?? [])
            .filter { $0["type"] == "message" }
            .map { item in (item["content"]?.array ?? []).compactMap { $0["text"]?.string }.joined() }
        return (texts.joined(separator: "\n\n"), terminal?["response"]?["usage"])
    }

    /// Streams of our own making in the service's form: accents and emoji, CRLF, reasoning before the answer, comments.
    static let made: [ResponsesRecording] = {
        let answer = ResponsesStream.answer([
            "Olá", "! O plano", " custa R$ 99,90", " por mês — sem", " fidelização. 👍🏽",
        ])
        let commented = answer.events.joined(separator: ": ping\n\n")
        return [
            ResponsesRecording(testDescription: "an answer", bytes: Array(answer.text.utf8)),
            ResponsesRecording(
                testDescription: "an answer with CRLF",
                bytes: Array(answer.text.replacing("\n", with: "\r\n").utf8)
            ),
            ResponsesRecording(
                testDescription: "an answer with comments and [DONE]",
                bytes: Array((commented + "data: [DONE]\n\n").utf8)
            ),
        ]
    }()

    /// Real traffic: the response bodies, `*.sse`, in the directory that `TEST_RECORDED_RESPONSES` names.
    static let recorded: [ResponsesRecording] = {
        let path = ProcessInfo.processInfo.environment["TEST_RECORDED_RESPONSES"] ?? ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".sse") }.sorted().compactMap { name in
            FileManager.default.contents(atPath: "\(path)/\(name)").map {
                ResponsesRecording(testDescription: name, bytes: Array($0))
            }
        }
    }()
}

/// Builds streams event by event, in the service's order and with its fields.
struct ResponsesStream {
    private(set) var events: [String] = []

    var text: String { events.joined() }

    mutating func add(_ type: String, _ fields: [(String, JSON)]) {
        let data = JSON.object(JSONObject([("type", .string(type)), ("sequence_number", JSON(events.count))] + fields))
        events.append("event: \(type)\ndata: \(data)\n\n")
    }

    /// `response.created` and `response.in_progress`.
    mutating func begin() {
        for type in ["response.created", "response.in_progress"] {
            add(
                type,
                [("response", ["id": "resp_1", "status": "in_progress", "model": "gpt-5.4-2026-03-05", "usage": nil])]
            )
        }
    }

    mutating func delta(_ text: String, item: Int = 0, type: String = "response.output_text.delta") {
        add(type, [("output_index", JSON(item)), ("content_index", 0), ("delta", .string(text))])
    }

    /// The terminal event.
    mutating func end(
        _ type: String = "response.completed",
        text: String = "",
        usage: JSON = nil,
        details: JSON = nil
    ) {
        let message: JSON = [
            "type": "message", "role": "assistant", "content": [["type": "output_text", "text": .string(text)]],
        ]
        add(type, [("response", ["id": "resp_1", "output": [message], "incomplete_details": details, "usage": usage])])
    }

    static func answer(_ deltas: [String]) -> ResponsesStream {
        var stream = ResponsesStream()
        stream.begin()
        stream.delta("Pensando…", type: "response.reasoning_summary_text.delta")
        for delta in deltas { stream.delta(delta, item: 1) }
        stream.end(text: deltas.joined(), usage: usage)
        return stream
    }

    static let usage: JSON = [
        "input_tokens": 1280, "input_tokens_details": ["cached_tokens": 1024, "cache_write_tokens": 56],
        "output_tokens": 42, "output_tokens_details": ["reasoning_tokens": 12], "total_tokens": 1322,
    ]
}
