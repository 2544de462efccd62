internal import CLibPQ

/// The server's address and the key that cancels what one connection is running.
///
/// `@unchecked Sendable`: a `PGcancel` is never written to after it was made, and `PQcancel` is made to be called from
/// another thread (libpq, "Canceling Queries in Progress").
final class CancelHandle: @unchecked Sendable {
    private let handle: OpaquePointer

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    /// Blocks until the server has taken the request and closed its connection, or the way there has failed.
    func cancel() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
            _ = PQcancel(handle, message.baseAddress, Int32(message.count))
        }
    }
}
