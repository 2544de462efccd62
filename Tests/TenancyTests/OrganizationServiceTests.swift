internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Tenancy

@Suite("An organisation", .database)
struct OrganizationServiceTests {
    private let claim = OrganizationClaim(
        clerkID: "org_loja",
        slug: nil,
        person: Principal.Person(userID: "user_ana", sessionID: "sess_1", role: .member, permissions: [])
    )

    private func refusal(_ body: () async throws -> some Any) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? Fault)?.code.rawValue ?? "\(error)"
        }
    }

    @Test("is suspended for everybody, told once, and let in again at once")
    func suspension() async throws {
        let database = TenantDatabase(pool: try TestDatabase.current.app)
        let directory = OrganizationDirectory(database: database)
        let feed = RevocationFeed(
            worker: try TestDatabase.current.worker,
            logger: TestDatabase.logger,
            listeners: [directory.forget]
        )
        let caller = Principal.person(claim.person)
        #expect(directory.recall(claim.tenantID, for: caller) == nil)
        let organization = try await directory.organization(for: claim)
        #expect(directory.recall(claim.tenantID, for: caller)?.id == organization.id)
        for _ in 0..<2 {
            try await database.transaction(in: claim.tenantID) { try await OrganizationService().suspend(in: $0) }
        }
        #expect(await feed.look())
        #expect(directory.recall(claim.tenantID, for: caller) == nil)
        #expect(await refusal { try await directory.organization(for: claim) } == "organization_suspended")
        #expect(directory.recall(claim.tenantID, for: caller) == nil)
        try await database.transaction(in: claim.tenantID) { try await OrganizationService().activate(in: $0) }
        #expect(await refusal { try await directory.organization(for: claim) } == nil)
    }

    @Test("that is unknown or deleted is neither suspended nor activated")
    func refusals() async throws {
        let database = TenantDatabase(pool: try TestDatabase.current.app)
        func change(_ tenantID: TenantID) async -> [String?] {
            [
                await refusal {
                    try await database.transaction(in: tenantID) { try await OrganizationService().suspend(in: $0) }
                },
                await refusal {
                    try await database.transaction(in: tenantID) { try await OrganizationService().activate(in: $0) }
                },
            ]
        }
        #expect(await change(.next()) == ["organization_not_found", "organization_not_found"])
        try await database.transaction(in: claim.tenantID) { transaction in
            _ = try await transaction.execute(
                MarkOrganizationDeleted(tenantID: transaction.tenantID, clerkID: claim.clerkID)
            )
        }
        #expect(await change(claim.tenantID) == ["organization_deleted", "organization_deleted"])
    }
}
