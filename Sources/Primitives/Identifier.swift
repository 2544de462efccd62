package import FoundationEssentials

/// The identity of one `Entity`: a UUID that cannot be confused with another entity's.
///
/// Ids that we make are UUIDv7 (RFC 9562 §5.7) and strictly increasing within a process.
package struct Identifier<Entity>: Hashable, Sendable {
    package let uuid: UUID

    package init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// A new id, greater than every id made before it in this process.
    package static func next() -> Self {
        Self(UUIDv7.next())
    }

    /// The nil UUID, which stands for "none" where a column may not be null.
    package static var none: Self {
        Self(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }
}

extension Identifier: LosslessStringConvertible {
    /// The canonical lower-case form of RFC 9562, 36 characters; anything else is refused.
    package init?(_ description: String) {
        guard description.utf8.count == 36, let uuid = UUID(uuidString: description) else { return nil }
        self.init(uuid)
    }

    package var description: String {
        uuid.uuidString.lowercased()
    }
}

extension Identifier: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        left.uuid < right.uuid
    }
}

package enum TenantEntity {}
package enum AgentEntity {}
package enum ConversationEntity {}
package enum ContactEntity {}
package enum MessageEntity {}
package enum RunEntity {}
package enum ConversionEntity {}
package enum KnowledgeBaseEntity {}
package enum DocumentEntity {}
package enum ChunkEntity {}
package enum EventEntity {}
package enum RequestEntity {}

/// A tenant is an organisation; its id is the UUIDv5 of Clerk's organisation id.
package typealias TenantID = Identifier<TenantEntity>
package typealias AgentID = Identifier<AgentEntity>
package typealias ConversationID = Identifier<ConversationEntity>
package typealias ContactID = Identifier<ContactEntity>
package typealias MessageID = Identifier<MessageEntity>
package typealias RunID = Identifier<RunEntity>
package typealias ConversionID = Identifier<ConversionEntity>
package typealias KnowledgeBaseID = Identifier<KnowledgeBaseEntity>
package typealias DocumentID = Identifier<DocumentEntity>
package typealias ChunkID = Identifier<ChunkEntity>
package typealias EventID = Identifier<EventEntity>
package typealias RequestID = Identifier<RequestEntity>
