public import Primitives

/// Where a tenant's events are sent, as people see it: everything but its secret and its headers' values.
public struct WebhookEndpoint: Sendable, Hashable {
    public let id: WebhookID
    /// Its `isActive` is false also where we disabled it; see `disabled`.
    public let settings: Settings
    /// Headers of the tenant's own; their values are not told again.
    public let headerNames: [String]
    /// Until when the secret from before the last rotation signs too; nil where it does no longer.
    public let previousSecretUntil: Timestamp?
    /// Since when no attempt has succeeded; nil where the last one did.
    public let failingSince: Timestamp?
    /// At most a minute behind.
    public let lastSuccessAt: Timestamp?
    public let disabled: Disabled?
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }

    /// What its owner decides.
    public struct Settings: Sendable, Hashable {
        /// 1–100 characters, in its kept form (`DisplayName`).
        public var name: String
        /// As it was typed; the service checks it.
        public var url: String
        /// Up to 1,000 characters.
        public var description: String
        /// Which events it gets, at most 50 patterns; empty: all.
        public var events: [EventPattern]
        /// Whether it gets events from now on; nothing is kept for one that its owner switched off.
        public var isActive: Bool
        /// How many of the nine steps of the schedule are tried after a failure, 0–9.
        public var retryCount: Int
        /// For one attempt, from the look-up to the last byte of the answer: 1–15 s, in whole seconds.
        public var timeout: Int
        /// Sends a second at most, evenly spaced, 1–1,000; nil for no limit.
        public var rate: Int?
        /// Of which events the next waits until those before it are settled, from then on; nil for no order.
        public var orderingKey: OrderingKey?

        public init(
            name: String,
            url: String,
            description: String = "",
            events: [EventPattern] = [],
            isActive: Bool = true,
            retryCount: Int = 9,
            timeout: Int = 15,
            rate: Int? = nil,
            orderingKey: OrderingKey? = nil
        ) {
            self.name = name
            self.url = url
            self.description = description
            self.events = events
            self.isActive = isActive
            self.retryCount = retryCount
            self.timeout = timeout
            self.rate = rate
            self.orderingKey = orderingKey
        }
    }

    /// What events must have in common to be sent in the order in which they happened.
    public enum OrderingKey: String, Sendable, CaseIterable {
        /// What they are about: their conversation, their document. One that is about nothing of the kind has no order.
        case subject
    }

    /// That we send nothing to it any more but probes and what is sent by hand; what it would have got is held.
    public struct Disabled: Sendable, Hashable {
        public let reason: Reason
        public let at: Timestamp
        /// nil where it is not probed.
        public let nextProbeAt: Timestamp?

        public enum Reason: String, Sendable, CaseIterable {
            /// The receiver answered 410: only its owner enables it again.
            case gone
            /// No attempt succeeded for five days: a probe that does enables it again.
            case failing
        }
    }
}

/// An endpoint with its secret, which is told at its creation and rotation, and never again.
public struct NewWebhookEndpoint: Sendable {
    public let endpoint: WebhookEndpoint
    /// `whsec_…`; nil where it is no longer to be told.
    public private(set) var secret: Redacted<String>?

    init(endpoint: WebhookEndpoint, secret: Redacted<String>) {
        self.endpoint = endpoint
        self.secret = secret
    }

    public var withoutSecret: NewWebhookEndpoint {
        var copy = self
        copy.secret = nil
        return copy
    }
}
