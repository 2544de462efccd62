internal import Postgres
internal import Primitives

/// No row where what is stored is newer; otherwise the state that the account is in now.
///
/// Who was deleted stays so: only the version moves on, as a function of the other events.
struct UpsertUserAccount: Statement {
    static let sql = """
        INSERT INTO tenancy.user_account AS a (user_id, state, clerk_updated_at, clerk_event_at, clerk_body_sha256)
        VALUES ($1, CASE WHEN $2 THEN 'banned' ELSE 'active' END, $3, $4, $5)
        ON CONFLICT (user_id) DO UPDATE SET
            state = CASE a.state WHEN 'deleted' THEN 'deleted' ELSE excluded.state END, updated_at = now(),
            clerk_updated_at = excluded.clerk_updated_at, clerk_event_at = excluded.clerk_event_at,
            clerk_body_sha256 = excluded.clerk_body_sha256
        WHERE (a.clerk_updated_at, a.clerk_event_at, a.clerk_body_sha256)
            < (excluded.clerk_updated_at, excluded.clerk_event_at, excluded.clerk_body_sha256)
        RETURNING a.state
        """
    let snapshot: UserSnapshot

    var bindings: Bindings {
        [
            snapshot.clerkID, snapshot.isBanned,
            snapshot.version.updatedAt, snapshot.version.eventAt, snapshot.version.bodySHA256,
        ]
    }

    static func decode(_ row: inout RowReader) throws -> Membership.AccountState { try row.read() }
}

struct MarkUserDeleted: Command {
    static let sql = """
        INSERT INTO tenancy.user_account (user_id, state) VALUES ($1, 'deleted')
        ON CONFLICT (user_id) DO UPDATE SET state = 'deleted', updated_at = now()
        """
    let clerkID: String

    var bindings: Bindings { [clerkID] }
}

struct InsertEndedSession: Command {
    static let sql = "INSERT INTO tenancy.ended_session (session_id) VALUES ($1) ON CONFLICT (session_id) DO NOTHING"
    let clerkID: String

    var bindings: Bindings { [clerkID] }
}
