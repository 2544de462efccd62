internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Primitives

/// One answer from OpenAI, over as many attempts as `RetryPolicy` allows.
struct OpenAIChatSource: ChatEventSource {
    private enum Phase {
        case ready
        case waiting(Duration)
        case reading(Reading)
        case ended((any Error)?)
    }

    private struct Reading {
        var body: HTTPClientResponse.Body.AsyncIterator
        var decoder = ServerSentEventDecoder()
        var events: OpenAIResponseEvents
    }

    private let provider: OpenAIProvider
    private let prompt: Prompt
    private let body: [UInt8]
    private var phase = Phase.ready
    private var attempt = 1
    private var pending: ArraySlice<ChatEvent>

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
            switch phase {
            case .ready:
                try await open()
            case .waiting(let delay):
                try await provider.pause(delay)
                phase = .ready
            case .reading(let reading):
                phase = .ended(nil)
                try await read(reading)
            case .ended(let error):
                phase = .ended(nil)
                if let error { throw error }
                return nil
            }
        }
    }

    private mutating func open() async throws {
        do {
            let response = try await send()
            let requestID = response.headers.first(name: "x-request-id")
            phase = .reading(
                Reading(body: response.body.makeAsyncIterator(), events: OpenAIResponseEvents(requestID: requestID))
            )
        } catch let failure as FailedAttempt {
            retry(after: failure)
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
    private mutating func read(_ current: Reading) async throws {
        var reading = current
        do {
            guard let piece = try await reading.body.next() else {
                try Task.checkCancellation()
                return end(reading, code: .providerStreamTruncated, cause: StreamEnd.withoutTerminalEvent)
            }
            for event in try reading.decoder.decode(piece.readableBytesView) {
                guard !event.isDoneMarker else {
                    return end(reading, code: .providerStreamTruncated, cause: StreamEnd.withoutTerminalEvent)
                }
                pending += try reading.events.receive(event)
                if reading.events.isComplete { return complete(reading) }
            }
            phase = .reading(reading)
        } catch let failure as FailedAttempt {
            if reading.events.hasDeltas {
                pending.append(.usage(.estimated(for: prompt, output: reading.events.text)))
                phase = .ended(failure.fault)
            } else {
                retry(after: failure)
            }
        } catch let error as JSONSyntaxError {
            end(reading, code: .providerStreamInvalid, cause: error)
        } catch let error as ServerSentEventError {
            end(reading, code: .providerStreamInvalid, cause: error)
        } catch {
            try Task.checkCancellation()
            end(reading, code: .providerStreamTruncated, cause: error)
        }
    }

    /// Leaves what may follow unread, which closes an HTTP/1 connection (of HTTP/2, only the stream): waiting for the
    /// end of the body would let a provider that forgets to end it hold a finished answer.
    private mutating func complete(_ reading: Reading) {
        let told = pending.contains { if case .usage = $0 { true } else { false } }
        if !told {
            let usage = TokenUsage.estimated(for: prompt, output: reading.events.text)
            pending.insert(.usage(usage), at: pending.endIndex - 1)
        }
        phase = .ended(nil)
    }

    /// The provider took the request and may charge it, whatever became of the answer.
    private mutating func end(_ reading: Reading, code: Fault.Code, cause: any Error) {
        pending.append(.usage(.estimated(for: prompt, output: reading.events.text)))
        phase = .ended(Fault.provider(code, cause: cause))
    }

    private mutating func retry(after failure: FailedAttempt) {
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
