internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// One answer from OpenAI, over as many attempts as `RetryPolicy` allows.
struct OpenAIChatSource: ChatEventSource {
    private enum Phase {
        case ready
        case waiting(Duration)
        case reading
        case ended((any Error)?)
    }

    private let provider: OpenAIProvider
    private let prompt: Prompt
    private let body: [UInt8]
    private var phase = Phase.ready
    private var attempt = 1
    private var pending: ArraySlice<ChatEvent>

    /// The response that is being read; letting go of it closes its connection.
    private var response: HTTPClientResponse.Body.AsyncIterator?
    private var decoder = ServerSentEventDecoder()
    private var events = OpenAIResponseEvents(requestID: nil)

    init(provider: OpenAIProvider, request: ChatRequest) {
        let parameters = AnswerParameters(request)
        self.provider = provider
        prompt = Prompt(request)
        body = OpenAIRequestBody.encode(prompt, for: request, parameters)
        pending = parameters.warnings.map(ChatEvent.warning)[...]
    }

    mutating func next() async throws -> ChatEvent? {
        while true {
            if let event = pending.popFirst() { return event }
            let current = phase
            // Whatever is thrown from here on, nothing is sent again.
            phase = .ended(nil)
            switch current {
            case .ready:
                try await open()
            case .waiting(let delay):
                try await provider.pause(delay)
                phase = .ready
            case .reading:
                try await read()
            case .ended(let error):
                if let error { throw error }
                return nil
            }
        }
    }

    private mutating func open() async throws {
        do {
            let head = try await send()
            response = head.body.makeAsyncIterator()
            decoder = ServerSentEventDecoder()
            events = OpenAIResponseEvents(requestID: head.headers.first(name: "x-request-id"))
            phase = .reading
        } catch let failure as FailedAttempt {
            retry(after: failure.hiding(provider.configuration.key))
        }
    }

    private func send() async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            response = try await provider.send(body)
        } catch {
            try Task.checkCancellation()
            throw FailedAttempt(connecting: error)
        }
        guard response.status != .ok else { return response }
        // What cannot be read of the explanation is not needed: the status decides.
        let explanation = try? await response.body.collect(upTo: 64 << 10)
        try Task.checkCancellation()
        let error = explanation.flatMap { try? JSON.parse($0.readableBytesView).root["error"] }
        throw OpenAIError(error).responseFailure(response, now: provider.clock.now())
    }

    /// Reads one piece of the body; `pending` and `phase` say what came of it.
    private mutating func read() async throws {
        do {
            guard let piece = try await response?.next() else {
                try Task.checkCancellation()
                return end(.providerStreamTruncated, cause: StreamEnd.withoutTerminalEvent)
            }
            for event in try decoder.decode(piece.readableBytesView) {
                guard !event.isDoneMarker else {
                    return end(.providerStreamTruncated, cause: StreamEnd.withoutTerminalEvent)
                }
                pending += try events.receive(event)
                if events.isComplete { return complete() }
            }
            phase = .reading
        } catch let failure as FailedAttempt {
            let failure = failure.hiding(provider.configuration.key)
            if events.hasDeltas {
                end(with: failure.fault)
            } else {
                retry(after: failure)
            }
        } catch let error as JSONSyntaxError {
            end(.providerStreamInvalid, cause: error)
        } catch let error as ServerSentEventError {
            end(.providerStreamInvalid, cause: error)
        } catch {
            try Task.checkCancellation()
            end(.providerStreamTruncated, cause: error)
        }
    }

    /// Leaves what may follow unread, which closes an HTTP/1 connection (of HTTP/2, only the stream): waiting for the
    /// end of the body would let a provider that forgets to end it hold a finished answer.
    private mutating func complete() {
        response = nil
        let toldUsage = pending.contains { if case .usage = $0 { true } else { false } }
        if !toldUsage {
            pending.insert(.usage(.estimated(for: prompt, output: events.text)), at: pending.endIndex - 1)
        }
    }

    private mutating func end(_ code: Fault.Code, cause: any Error) {
        end(with: .provider(code, cause: cause))
    }

    /// The provider took the request and may charge it, whatever became of the answer.
    private mutating func end(with fault: Fault) {
        response = nil
        pending.append(.usage(.estimated(for: prompt, output: events.text)))
        phase = .ended(fault)
    }

    private mutating func retry(after failure: FailedAttempt) {
        response = nil
        let delay = provider.configuration.retries.delay(
            afterAttempt: attempt,
            requested: failure.fault.retryAfter,
            jitter: .random(in: 0..<1)
        )
        guard failure.mayRetry, let delay else {
            phase = .ended(failure.fault)
            return
        }
        attempt += 1
        pending.append(.retrying(attempt: attempt, after: delay))
        phase = .waiting(delay)
    }
}

private enum StreamEnd: Error {
    case withoutTerminalEvent
}
