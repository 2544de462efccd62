public import FoundationEssentials

/// The identity of one `Entity`: a UUID that cannot be confused with another entity's.
///
/// Ids that we make are UUIDv7 (RFC 9562 §5.7) and strictly increasing within a process.
public struct Identifier<Entity>: Hashable, Sendable {
    public let uuid: UUID

    public init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// A new id, greater than every id made before it in this process.
    public static func next() -> Self {
        Self(UUIDv7.next())
    }

    /// The nil UUID, which stands for "none" where a column may not be null.
    public static var none: Self {
        Self(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }
}

extension Identifier: LosslessStringConvertible {
    /// The canonical lower-case form of RFC 9562, 36 characters; anything else is refused.
    public init?(_ description: String) {
        guard description.utf8.count == 36, let uuid = UUID(uuidString: description) else { return nil }
        self.init(uuid)
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { write(to: $0) }
    }

    /// Appends `description`.
    func write(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { text in
            _ = write(to: text)
            bytes.append(contentsOf: text)
        }
    }

    private func write(to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        withUnsafeBytes(of: uuid.uuid) { bytes in
            var position = 0
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                text[position] = Self.hexadecimal(byte >> 4)
                text[position + 1] = Self.hexadecimal(byte & 0xF)
                position += 2
            }
            return position
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}

extension Identifier: Comparable {
    public static func < (left: Self, right: Self) -> Bool {
        left.uuid < right.uuid
    }
}

extension SubjectID {
    public init<Subject>(_ id: Identifier<Subject>) {
        self.init(id.uuid)
    }
}

public enum TenantEntity {}
public enum AgentEntity {}
public enum ConversationEntity {}
public enum ContactEntity {}
public enum MessageEntity {}
public enum RunEntity {}
public enum ConversionEntity {}
public enum KnowledgeBaseEntity {}
public enum DocumentEntity {}
public enum ChunkEntity {}
public enum EventEntity {}
public enum SubjectEntity {}
public enum JobEntity {}
public enum RequestEntity {}
public enum APIKeyEntity {}
public enum TicketEntity {}
public enum ConnectionEntity {}
public enum AuditEntity {}
public enum WebhookEntity {}
public enum WebhookReplayEntity {}

/// A tenant is an organisation; its id is the UUIDv5 of Clerk's organisation id.
public typealias TenantID = Identifier<TenantEntity>
public typealias AgentID = Identifier<AgentEntity>
public typealias ConversationID = Identifier<ConversationEntity>
public typealias ContactID = Identifier<ContactEntity>
public typealias MessageID = Identifier<MessageEntity>
public typealias RunID = Identifier<RunEntity>
public typealias ConversionID = Identifier<ConversionEntity>
public typealias KnowledgeBaseID = Identifier<KnowledgeBaseEntity>
public typealias DocumentID = Identifier<DocumentEntity>
public typealias ChunkID = Identifier<ChunkEntity>
public typealias EventID = Identifier<EventEntity>
/// Of whatever an event is about: a conversation's, a document's.
public typealias SubjectID = Identifier<SubjectEntity>
public typealias JobID = Identifier<JobEntity>
public typealias RequestID = Identifier<RequestEntity>
public typealias APIKeyID = Identifier<APIKeyEntity>
public typealias TicketID = Identifier<TicketEntity>
/// One opening of a stream that a ticket opened.
public typealias ConnectionID = Identifier<ConnectionEntity>
public typealias AuditEntryID = Identifier<AuditEntity>
/// Of an endpoint to which webhooks are sent.
public typealias WebhookID = Identifier<WebhookEntity>
public typealias WebhookReplayID = Identifier<WebhookReplayEntity>
