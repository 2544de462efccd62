internal import Postgres
internal import Primitives

/// A key pair of ours as it is kept.
struct StoredSigningKey: Sendable {
    let generation: Int
    let published: PublishedKey
    let box: [UInt8]
    /// By the database's clock.
    let isSigning: Bool
}

/// Those that are published, newest first.
struct SelectSigningKeys: Statement {
    static let sql = """
        SELECT generation, public_key, signs_from, published_until, sealed_key, signs_from <= now()
        FROM webhooks.signing_key
        WHERE tenant_id = '00000000-0000-0000-0000-000000000000'
            AND (published_until IS NULL OR published_until > now())
        ORDER BY generation DESC
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> StoredSigningKey {
        StoredSigningKey(
            generation: try row.read(),
            published: PublishedKey(
                text: try row.read(),
                signsFrom: try row.read(),
                publishedUntil: try row.read(Timestamp?.self)
            ),
            box: try row.read(),
            isSigning: try row.read()
        )
    }
}

/// The next key pair, and for how long the one before it is still published; nothing where another process was first.
///
/// The very first one signs at once: nobody knows another.
struct InsertSigningKey: Command {
    static let sql = """
        WITH added AS (
            INSERT INTO webhooks.signing_key (tenant_id, generation, public_key, sealed_key, signs_from)
            VALUES ('00000000-0000-0000-0000-000000000000', $1::int8, $2, $3,
                CASE $1::int8 WHEN 1 THEN now() ELSE now() + interval '2 days' END)
            ON CONFLICT DO NOTHING
            RETURNING generation, signs_from
        )
        UPDATE webhooks.signing_key SET published_until = added.signs_from + interval '7 days'
        FROM added
        WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND signing_key.generation = added.generation - 1
        """
    let generation: Int
    let publicKey: String
    let box: [UInt8]

    var bindings: Bindings { [generation, publicKey, box] }
}

/// The newest key's generation, where it is so old that another takes over.
struct SelectAgedSigningKey: Statement {
    static let sql = """
        SELECT generation FROM (
            SELECT generation, signs_from FROM webhooks.signing_key
            WHERE tenant_id = '00000000-0000-0000-0000-000000000000' ORDER BY generation DESC LIMIT 1
        ) AS newest
        WHERE signs_from < now() - $1::float8 * interval '1 second'
        """
    let age: Duration

    var bindings: Bindings { [age.seconds] }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
