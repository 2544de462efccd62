public import FoundationEssentials

/// A place in a list ordered by (created_at, id) descending: the last row that was seen.
public struct PageCursor: Hashable, Sendable {
    public let createdAt: Timestamp
    public let id: UUID

    public init(createdAt: Timestamp, id: UUID) {
        self.createdAt = createdAt
        self.id = id
    }
}

extension PageCursor: LosslessStringConvertible {
    /// Opaque to clients: `<microseconds in hexadecimal>-<id in hexadecimal>`.
    public init?(_ description: String) {
        let parts = description.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0], radix: 16),
            let id = UUID(uuidString: String(parts[1]))
        else { return nil }
        self.init(createdAt: Timestamp(microsecondsSinceEpoch: microseconds), id: id)
    }

    public var description: String {
        "\(String(createdAt.microsecondsSinceEpoch, radix: 16))-\(id.uuidString.lowercased())"
    }
}

/// Which part of a list is asked for.
public struct PageRequest: Hashable, Sendable {
    /// At most so many rows, 1–100.
    public let limit: Int
    /// Rows after this place; nil from the newest.
    public let after: PageCursor?

    public init(limit: Int, after: PageCursor?) {
        self.limit = limit
        self.after = after
    }
}

extension PageRequest {
    /// Where the page begins; without a cursor, after everything, so that one statement serves both.
    ///
    /// `$2 IS NULL OR (created_at, id) < ($2, $3)` would read every page from the list's top once Postgres makes one plan
    /// for any values.
    public var before: PageCursor {
        after
            ?? PageCursor(
                createdAt: Self.endOfTime,
                id: UUID(
                    uuid: (
                        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
                    )
                )
            )
    }

    /// The year 10000, far within `timestamptz`.
    private static let endOfTime = Timestamp(secondsSinceEpoch: 253_402_300_800)
}

/// Part of a list, and the place where it goes on.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// nil on the last page.
    public let next: PageCursor?

    /// - Parameter rows: as read with a limit of one row more than `request` asks for, which tells whether there are
    ///   more.
    public init(rows: [Item], request: PageRequest, cursor: (Item) -> PageCursor) {
        items = Array(rows.prefix(request.limit))
        next = rows.count > request.limit ? items.last.map(cursor) : nil
    }
}
