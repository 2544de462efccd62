internal import Glibc

/// Wakes a thread that waits for its socket.
final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    enum Event {
        case socket, woken, timedOut
    }

    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(.connectionFailed, reason: "pipe: errno \(errno)", effect: .none)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits until `wake()`, until the socket is ready for one of `events` (`POLLIN`, `POLLOUT`), or for `timeout`.
    ///
    /// A socket that is ready wins over a wake.
    func wait(socket: Int32?, events: Int32, timeout: Duration?) -> Event {
        var descriptors = [
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket ?? -1, events: Int16(events), revents: 0),
        ]
        let ready = poll(&descriptors, 2, timeout.map(Self.milliseconds) ?? -1)
        guard ready > 0 else { return ready == 0 ? .timedOut : .woken }
        if descriptors[1].revents != 0 { return .socket }
        // What is left after this, if it ever were, wakes once more.
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
            _ = read(readEnd, bytes.baseAddress, bytes.count)
        }
        return .woken
    }

    /// Waits for the socket alone.
    /// - Returns: false when the time is over.
    static func wait(socket: Int32, events: Int32, timeout: Duration?) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        return poll(&descriptor, 1, timeout.map(milliseconds) ?? -1) != 0
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        return Int32(
            clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue
                + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        )
    }
}
