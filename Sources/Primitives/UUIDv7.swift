public import FoundationEssentials
internal import Synchronization

/// UUIDs ordered by the time they were made, strictly increasing within a process (RFC 9562 §5.7 and §6.2, method 1:
/// the 12 bits after the milliseconds are a counter).
public enum UUIDv7 {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt16 = 0
    }

    private static let state = Mutex(State())

    public static func next(clock: WallClock = .system) -> UUID {
        let now = UInt64(clock.now().microsecondsSinceEpoch / 1000)
        let (milliseconds, counter) = state.withLock { state in
            if now > state.milliseconds {
                // A random start below 2^11 leaves room for at least 2,048 ids within the millisecond.
                state = State(milliseconds: now, counter: UInt16.random(in: 0..<0x800))
            } else if state.counter == 0xFFF {
                state = State(milliseconds: state.milliseconds + 1, counter: 0)
            } else {
                state.counter += 1
            }
            return (state.milliseconds, state.counter)
        }
        // `UUID()` opens /dev/urandom each time.
        let random = UInt64.random(in: .min ... .max)
        var bytes = withUnsafeBytes(of: random) { random in
            (
                0, 0, 0, 0, 0, 0, 0, 0, random[0] & 0x3F | 0x80, random[1], random[2], random[3], random[4], random[5],
                random[6], random[7]
            ) as uuid_t
        }
        bytes.0 = UInt8(truncatingIfNeeded: milliseconds >> 40)
        bytes.1 = UInt8(truncatingIfNeeded: milliseconds >> 32)
        bytes.2 = UInt8(truncatingIfNeeded: milliseconds >> 24)
        bytes.3 = UInt8(truncatingIfNeeded: milliseconds >> 16)
        bytes.4 = UInt8(truncatingIfNeeded: milliseconds >> 8)
        bytes.5 = UInt8(truncatingIfNeeded: milliseconds)
        bytes.6 = 0x70 | UInt8(truncatingIfNeeded: counter >> 8)
        bytes.7 = UInt8(truncatingIfNeeded: counter)
        return UUID(uuid: bytes)
    }
}
