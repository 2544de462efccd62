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
package enum APIKeyEntity {}
package enum AuditEntity {}

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
package typealias APIKeyID = Identifier<APIKeyEntity>
package typealias AuditEntryID = Identifier<AuditEntity>
