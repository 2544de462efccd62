/// Takes out of a page what is not its text: scripts, styles, navigation, pictures, comments.
///
/// One pass over the bytes and linear in them. Not a parser: pandoc reads what is left. An element that is never closed
/// keeps its text, except scripts and styles, which browsers too read to the end of the page.
enum HTMLPruner {
    static func prune(_ html: ArraySlice<UInt8>) -> [UInt8] {
        var scanner = Scanner(html)
        return scanner.prune()
    }

    /// With all that is in them.
    private static let elements: Set<String> = [
        "nav", "svg", "noscript", "iframe", "object", "template", "canvas", "button", "select", "video", "audio",
    ]
    /// Their content has no tags; it ends at the first end tag of their name.
    private static let rawElements: Set<String> = ["script", "style"]
    /// The tag alone.
    private static let voidElements: Set<String> = ["img", "embed", "source", "input", "link", "meta"]

    private struct Scanner {
        private let html: ArraySlice<UInt8>
        private var position: Int
        private var output: [UInt8] = []
        /// Where in the output the open elements began, by name.
        private var open: [String: [Int]] = [:]

        init(_ html: ArraySlice<UInt8>) {
            self.html = html
            position = html.startIndex
            output.reserveCapacity(html.count)
        }

        mutating func prune() -> [UInt8] {
            while let start = html[position...].firstIndex(of: UInt8(ascii: "<")) {
                output += html[position..<start]
                position = start
                if html[start...].starts(with: "<!--".utf8) {
                    skip(past: "-->")
                } else {
                    readTag()
                }
            }
            return output + html[position...]
        }

        private mutating func readTag() {
            let isEnd = html[(position + 1)...].first == UInt8(ascii: "/")
            let name = tagName(at: position + (isEnd ? 2 : 1))
            let end = endOfTag()
            if name.isEmpty {
                output += html[position..<end]
            } else if HTMLPruner.rawElements.contains(name) {
                if !isEnd { skipRawElement(name, from: end) }
            } else if HTMLPruner.elements.contains(name) {
                if isEnd { close(name) } else { open[name, default: []].append(output.count) }
            } else if !HTMLPruner.voidElements.contains(name) {
                output += html[position..<end]
            }
            position = max(position, end)
        }

        private mutating func close(_ name: String) {
            // Places beyond the output's end belong to elements that went with one around them.
            while let start = open[name]?.popLast() {
                guard start <= output.count else { continue }
                output.removeSubrange(start...)
                // Words on both sides must not meet.
                output.append(UInt8(ascii: " "))
                return
            }
        }

        private mutating func skipRawElement(_ name: String, from start: Int) {
            position = start
            while let tag = html[position...].firstIndex(of: UInt8(ascii: "<")) {
                position = tag
                if html[(tag + 1)...].first == UInt8(ascii: "/"), tagName(at: tag + 2) == name {
                    position = endOfTag()
                    return
                }
                position += 1
            }
            position = html.endIndex
        }

        private mutating func skip(past mark: String) {
            let mark = Array(mark.utf8)
            var index = position
            while let next = html[index...].firstIndex(of: mark[0]) {
                if html[next...].starts(with: mark) {
                    position = next + mark.count
                    return
                }
                index = next + 1
            }
            position = html.endIndex
        }

        /// In lower case; empty where no name begins.
        ///
        /// The longest name of ours is "noscript".
        private func tagName(at index: Int) -> String {
            let name = html[min(index, html.endIndex)...].prefix(16).prefix { byte in
                let lower = byte | 0x20
                return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
            return String(decoding: name, as: UTF8.self).lowercased()
        }

        /// Past the `>` that ends the tag at `position`, not one within quotes; past the `<` where there is no end.
        private func endOfTag() -> Int {
            var quote: UInt8?
            var index = position + 1
            while index < html.endIndex {
                let byte = html[index]
                if let open = quote {
                    if byte == open { quote = nil }
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                } else if byte == UInt8(ascii: ">") {
                    return index + 1
                } else if byte == UInt8(ascii: "<") {
                    return index
                }
                index += 1
            }
            return position + 1
        }
    }
}
