internal import Jobs
internal import Postgres
internal import Primitives
public import Secrets
internal import Synchronization
public import Tenancy

/// The platform's own key pairs (ed25519), with which each webhook is signed beside its endpoint's secret.
///
/// A new one takes over every 90 days. It is published two days before it signs, and the old one for a week after that.
/// Read at most once a minute by a process.
public final class SigningKeys: Sendable {
    private struct Known {
        let keys: [StoredSigningKey]
        let signing: WebhookSigningKey
        let readAt: ContinuousClock.Instant
    }

    private static let age = Duration.seconds(90 * 86_400)

    private let database: TenantDatabase
    private let box: SealedBox
    private let known = Mutex<Known?>(nil)

    public init(database: TenantDatabase, masterKey: MasterKey) {
        self.database = database
        box = SealedBox(purpose: "webhook signing key", masterKey: masterKey)
    }

    /// What receivers may verify with, newest first; a process that is asked first makes the first one.
    public func published() async throws -> [PublishedKey] {
        try await read().keys.map(\.published)
    }

    /// The newest that signs by now.
    func signing() async throws -> WebhookSigningKey {
        try await read().signing
    }

    /// Has a new key take over where the newest has signed for long enough.
    func rotateIfDue() async throws {
        guard let newest = try await database.queryFirst(SelectAgedSigningKey(age: Self.age), in: .none) else { return }
        try await add(generation: newest + 1)
        known.withLock { $0 = nil }
    }

    private func read() async throws -> Known {
        if let known = known.withLock(\.self), .now - known.readAt < .seconds(60) { return known }
        let start = ContinuousClock.now
        var keys = try await database.query(SelectSigningKeys(), in: .none)
        if keys.isEmpty {
            try await add(generation: 1)
            keys = try await database.query(SelectSigningKeys(), in: .none)
        }
        guard let newest = keys.first(where: \.isSigning) else { throw Fault(.internalFailure, .internalFailure) }
        let text = try box.open(newest.box, for: Self.place(newest.generation))
        let read = Known(
            keys: keys,
            signing: try WebhookSigningKey(String(decoding: text, as: UTF8.self)),
            readAt: start
        )
        known.withLock { $0 = read }
        return read
    }

    private func add(generation: Int) async throws {
        let key = WebhookSigningKey.generate()
        let insertion = InsertSigningKey(
            generation: generation,
            publicKey: key.publicKey.text,
            box: box.seal(key.text.exposed.utf8, for: Self.place(generation))
        )
        try await database.execute(insertion, in: .none)
    }

    private static func place(_ generation: Int) -> [UInt8] { Array("\(generation)".utf8) }
}
