internal import Knowledge
internal import Logging
internal import Primitives

extension IndexingObservation {
    func log(to logger: Logger) {
        switch self {
        case .indexed(let document, let duration):
            logger.info(
                "document indexed",
                metadata: ["document_id": "\(document.id)", "duration_ms": "\(duration.milliseconds)"]
            )
        case .failed(let id, let fault):
            logger.warning("document failed", error: fault, metadata: ["document_id": "\(id)"])
        case .purged(let id): logger.info("document purged", metadata: ["document_id": "\(id)"])
        }
    }
}
