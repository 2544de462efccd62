internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Agents

@Suite("Text for frames")
struct FrameTextTests {
    /// Letters, marks, quotes, controls, emoji of many scalars, and a letter under more marks than a frame holds.
    private static let alphabet = [
        "a", "é", "e\u{301}", "\"", "\\", "\n", "\u{1}", "\u{7F}", " ", "ção", "👩‍👩‍👧‍👦", "🇧🇷", "한",
        "a" + String(repeating: "\u{301}", count: 500),
    ]

    private static func text(_ generator: inout SplitMix64) -> String {
        (0..<Int.random(in: 0...600, using: &generator)).map { _ in
            // The long one seldom, so that the others meet the limit too.
            let last = Int.random(in: 0..<100, using: &generator) == 0 ? alphabet.count : alphabet.count - 1
            return alphabet[Int.random(in: 0..<last, using: &generator)]
        }.joined()
    }

    private static func encodedLength(_ text: String) -> Int {
        JSON.string(text).encoded.count - 2
    }

    @Test("the length as JSON is what the writer writes")
    func length() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<200 {
            let text = Self.text(&generator)
            #expect(JSONWriter.escapedLength(of: text) == Self.encodedLength(text))
        }
    }

    @Test("pieces are the text, none is empty or too long, and characters stay whole", arguments: [6, 40, 850])
    func pieces(limit: Int) {
        var generator = SplitMix64(seed: UInt64(limit))
        for _ in 0..<100 {
            let text = Self.text(&generator)
            let pieces = FrameText.pieces(of: text, limit: limit)
            #expect(pieces.joined().unicodeScalars.elementsEqual(text.unicodeScalars))
            #expect(pieces.allSatisfy { !$0.isEmpty && Self.encodedLength($0) <= limit })
            if text.allSatisfy({ Self.encodedLength(String($0)) <= limit }) {
                #expect(pieces.flatMap { Array($0) } == Array(text))
            }
        }
    }

    @Test("a beginning fits, and says that it is one")
    func beginning() {
        #expect(FrameText.beginning(of: "curto", limit: 160) == "curto")
        let long = FrameText.beginning(of: String(repeating: "\"ç", count: 400), limit: 160)
        #expect(Self.encodedLength(long) <= 160)
        #expect(long.hasSuffix("…"))
        #expect(long.count > 70)
    }
}
