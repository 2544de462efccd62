internal import Hummingbird
internal import NIOCore
internal import Primitives

/// The parts of a multipart request, one after the other, as they arrive; for one task.
final class MultipartReader {
    private var parser: MultipartParser
    private var body: RequestBody.AsyncIterator
    private var events: [MultipartParser.Event] = []

    /// - Throws: `unsupported_media_type` for another content type, `malformed_request` for one without boundary.
    init(_ request: Request) throws(Fault) {
        let contentType = request.headers[.contentType] ?? ""
        guard contentType.lowercased().hasPrefix("multipart/form-data") else {
            throw .unsupportedMediaType(expected: "multipart/form-data")
        }
        do {
            parser = try MultipartParser(contentType: contentType)
        } catch {
            throw .malformedForm(error)
        }
        body = request.body.makeAsyncIterator()
    }

    /// The next part; what was not read of the one before is skipped.
    ///
    /// - Returns: nil at the end of the form.
    func nextPart() async throws -> MultipartParser.Part? {
        while let event = try await next() {
            if case .part(let part) = event { return part }
        }
        return nil
    }

    /// The next bytes of the current part, nil at its end.
    func nextData() async throws -> [UInt8]? {
        while let event = try await next() {
            switch event {
            case .data(let bytes): return bytes
            case .partEnd: return nil
            case .part: throw Fault.malformedForm(.malformedHeaders)
            }
        }
        return nil
    }

    /// The whole of the current part.
    /// - Throws: `body_too_large`.
    func bytes(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = try await nextData() {
            bytes += more
            guard bytes.count <= limit else { throw Fault.bodyTooLarge(limit: limit) }
        }
        return bytes
    }

    /// The current part as text.
    /// - Throws: `body_too_large`; `malformed_request` for what is not UTF-8.
    func text(upTo limit: Int) async throws -> String {
        guard let text = String(validating: try await bytes(upTo: limit), as: UTF8.self) else {
            throw Fault.malformedRequest(
                pt: "Um campo do formulário não é UTF-8 válido.",
                en: "A field of the form is not valid UTF-8."
            )
        }
        return text
    }

    private func next() async throws -> MultipartParser.Event? {
        while events.isEmpty {
            guard let buffer = try await body.next() else {
                do {
                    try parser.finish()
                } catch {
                    throw Fault.malformedForm(error)
                }
                return nil
            }
            do {
                events = try parser.feed(buffer.readableBytesView).reversed()
            } catch {
                throw Fault.malformedForm(error)
            }
        }
        return events.removeLast()
    }
}

/// The current part's bytes as a sequence.
struct PartData: AsyncSequence, AsyncIteratorProtocol {
    let reader: MultipartReader

    func makeAsyncIterator() -> Self { self }

    func next() async throws -> [UInt8]? {
        try await reader.nextData()
    }
}

extension Fault {
    fileprivate static func malformedForm(_ failure: MultipartParser.Failure) -> Fault {
        .malformedRequest(
            pt: "O formulário multipart está malformado (\(failure)).",
            en: "The multipart form is malformed (\(failure))."
        )
    }
}
