internal import Primitives

/// The three headers of a signed webhook, without the white space around them; nil where missing or blank.
public struct WebhookHeaders: Sendable, Equatable {
    /// The two sets of names in use; a request's headers are of one of them.
    public enum Family: String, Sendable, CaseIterable {
        case standard = "webhook"
        case svix

        public var id: String { rawValue + "-id" }
        public var timestamp: String { rawValue + "-timestamp" }
        public var signature: String { rawValue + "-signature" }
    }

    public let id: String?
    public let timestamp: String?
    public let signature: String?

    public init(id: String?, timestamp: String?, signature: String?) {
        self.id = Self.text(id)
        self.timestamp = Self.text(timestamp)
        self.signature = Self.text(signature)
    }

    /// - Parameter value: A header's value by its lower-case name.
    public init(_ family: Family, _ value: (String) -> String?) {
        self.init(id: value(family.id), timestamp: value(family.timestamp), signature: value(family.signature))
    }

    /// The headers' names and values, to be sent.
    public func fields(_ family: Family) -> [(name: String, value: String)] {
        [(family.id, id), (family.timestamp, timestamp), (family.signature, signature)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }

    private static func text(_ value: String?) -> String? {
        guard let text = value?[...].trimmingOptionalWhitespace, !text.isEmpty else { return nil }
        return String(text)
    }
}
