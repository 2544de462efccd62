internal import Glibc

/// Starts a thread of the operating system, for work that blocks.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// - Parameter isJoined: Whether the body calls `afterThis`.
    /// - Returns: false when the system has no more threads.
    static func start(isJoined: Bool = false, _ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if !isJoined { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
        let context = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        if status != 0 { context.release() }
        return status == 0
    }

    /// Runs `body`, on another thread, once the calling one has ended: with what OpenSSL and Kerberos do at a thread's end,
    /// which aborts a process that exits meanwhile.
    static func afterThis(_ body: @escaping @Sendable () -> Void) {
        let this = pthread_self()
        let isStarted = start {
            pthread_join(this, nil)
            body()
        }
        guard !isStarted else { return }
        pthread_detach(this)
        body()
    }
}
