internal import Primitives

/// Why a request ended before its end; what its body throws then.
enum BrokenRequest: Error, Equatable {
    case tooSlow, tooLarge, malformed, disconnected

    var fault: Fault {
        switch self {
        case .tooSlow: .requestTimeout
        case .tooLarge: .requestTooLarge
        case .malformed: .malformedHTTP
        case .disconnected: .requestCutOff
        }
    }
}
