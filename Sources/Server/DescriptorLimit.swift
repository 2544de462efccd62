internal import Glibc

/// How many files and sockets this process may have open at once.
enum DescriptorLimit {
    /// Enough for the streams that one process can carry; more would only let a flood take more memory.
    private static let wanted: rlim_t = 65_536

    /// Raises the soft limit as far as the hard one allows.
    /// - Returns: what holds then.
    static func raised() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(min(limit.rlim_cur, wanted))
    }
}
