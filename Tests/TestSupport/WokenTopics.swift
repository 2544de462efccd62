package import Primitives
internal import Synchronization

/// Which topics somebody was woken for, in order.
package final class WokenTopics: Sendable {
    private let state = Mutex<[WakeUpTopic]>([])

    package init() {}

    package func record(_ topic: WakeUpTopic) {
        state.withLock { $0.append(topic) }
    }

    package var all: [WakeUpTopic] { state.withLock { $0 } }
}
