internal import Postgres
internal import Primitives

struct InsertClerkEvent: Command {
    static let sql = """
        INSERT INTO tenancy.clerk_event (tenant_id, svix_id, type, body) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, svix_id) DO NOTHING
        """
    let delivery: ClerkDelivery

    var bindings: Bindings { [delivery.tenantID, delivery.id, delivery.type, delivery.body] }
}

/// Locks the row even where what is stored is newer.
struct UpsertOrganization: Command {
    static let sql = """
        INSERT INTO tenancy.organization AS o
            (tenant_id, clerk_id, name, slug, clerk_updated_at, clerk_event_at, clerk_body_sha256)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id) DO UPDATE SET
            name = excluded.name, slug = excluded.slug, is_provisional = false, updated_at = now(),
            clerk_updated_at = excluded.clerk_updated_at, clerk_event_at = excluded.clerk_event_at,
            clerk_body_sha256 = excluded.clerk_body_sha256
        WHERE (o.clerk_updated_at, o.clerk_event_at, o.clerk_body_sha256)
            < (excluded.clerk_updated_at, excluded.clerk_event_at, excluded.clerk_body_sha256)
        """
    let tenantID: TenantID
    let snapshot: OrganizationSnapshot

    var bindings: Bindings {
        [
            tenantID, snapshot.clerkID, snapshot.name, snapshot.slug,
            snapshot.version.updatedAt, snapshot.version.eventAt, snapshot.version.bodySHA256,
        ]
    }
}

/// Changes the state alone, so that name and version stay a function of the other events.
///
/// An organisation that we hear of for the first time has its id for a name, until an older event brings one.
struct MarkOrganizationDeleted: Command {
    static let sql = """
        INSERT INTO tenancy.organization (tenant_id, clerk_id, name, state, is_provisional)
        VALUES ($1, $2, $2, 'deleted', true)
        ON CONFLICT (tenant_id) DO UPDATE SET state = 'deleted', updated_at = now()
        """
    let tenantID: TenantID
    let clerkID: String

    var bindings: Bindings { [tenantID, clerkID] }
}

struct UpsertMember: Command {
    static let sql = """
        INSERT INTO tenancy.member AS m
            (tenant_id, user_id, clerk_membership_id, role, permissions,
             clerk_updated_at, clerk_event_at, clerk_body_sha256)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET
            clerk_membership_id = excluded.clerk_membership_id, role = excluded.role,
            permissions = excluded.permissions, updated_at = now(),
            clerk_updated_at = excluded.clerk_updated_at, clerk_event_at = excluded.clerk_event_at,
            clerk_body_sha256 = excluded.clerk_body_sha256
        WHERE (m.clerk_updated_at, m.clerk_event_at, m.clerk_body_sha256)
            < (excluded.clerk_updated_at, excluded.clerk_event_at, excluded.clerk_body_sha256)
        """
    let tenantID: TenantID
    let snapshot: MembershipSnapshot

    var bindings: Bindings {
        [
            tenantID, snapshot.userID, snapshot.clerkID, snapshot.role.rawValue, snapshot.permissions.map(\.rawValue),
            snapshot.version.updatedAt, snapshot.version.eventAt, snapshot.version.bodySHA256,
        ]
    }
}

struct InsertMembershipTombstone: Command {
    static let sql = """
        INSERT INTO tenancy.membership_tombstone (tenant_id, clerk_membership_id) VALUES ($1, $2)
        ON CONFLICT (tenant_id, clerk_membership_id) DO NOTHING
        """
    let tenantID: TenantID
    let clerkID: String

    var bindings: Bindings { [tenantID, clerkID] }
}

/// A member is removed exactly while the row's membership has a tombstone; a later membership of the same person has
/// another id.
///
/// A row where that changes the state: the new one.
struct SettleMemberState: Statement {
    static let sql = """
        UPDATE tenancy.member m SET state = settled.state, updated_at = now()
        FROM (
            SELECT CASE WHEN t.clerk_membership_id IS NULL THEN 'active' ELSE 'removed' END AS state
            FROM tenancy.member known
            LEFT JOIN tenancy.membership_tombstone t
                ON t.tenant_id = known.tenant_id AND t.clerk_membership_id = known.clerk_membership_id
            WHERE known.tenant_id = $1 AND known.user_id = $2
        ) settled
        WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.state <> settled.state
        RETURNING m.state
        """
    let tenantID: TenantID
    let userID: String

    var bindings: Bindings { [tenantID, userID] }

    static func decode(_ row: inout RowReader) throws -> Membership.State { try row.read() }
}
