@testable internal import Auth
internal import Primitives
internal import Tenancy
internal import Testing

@Suite("Clerk's events") struct ClerkEventTests {
    private func version(timestamp: String) throws -> ClerkVersion? {
        let body = """
            {"object":"event","type":"organization.updated","timestamp":\(timestamp),"data":{"object":"organization",
            "id":"org_loja","name":"Loja","slug":null,"updated_at":1716883200123,"a_field_to_come":{"x":[1]}}}
            """
        guard case .organization(.organization(let snapshot)) = try ClerkEvent(Array(body.utf8)).change else {
            return nil
        }
        #expect(snapshot.slug == nil)
        return snapshot.version
    }

    @Test("The event's time is understood in seconds and in milliseconds, the object's in milliseconds")
    func times() throws {
        let moment = Timestamp(secondsSinceEpoch: 1_716_883_200)
        #expect(try version(timestamp: "1716883200")?.eventAt == moment)
        #expect(try version(timestamp: "1716883200000")?.eventAt == moment)
        #expect(try version(timestamp: "1716883200")?.updatedAt == moment + .milliseconds(123))
        #expect(try version(timestamp: "null")?.eventAt == moment + .milliseconds(123))
    }

    @Test("A membership carries its organisation, and a deletion is told by the type alone")
    func memberships() throws {
        let organization = DevelopmentEvent.Organization(
            id: "org_loja",
            name: "Loja",
            slug: "loja",
            updatedAt: TokenFixture.now
        )
        let membership = DevelopmentEvent.Membership(
            id: "orgmem_1",
            userID: "user_ana",
            role: .admin,
            permissions: [.manageAgents],
            organization: organization,
            updatedAt: TokenFixture.now + .seconds(1)
        )
        for verb in DevelopmentEvent.Verb.allCases {
            let event = try ClerkEvent(DevelopmentEvent.membership(verb, membership, at: TokenFixture.now).body)
            #expect(event.organizationID == "org_loja")
            switch (verb, event.change) {
            case (.created, .organization(.membership(let snapshot))),
                (.updated, .organization(.membership(let snapshot))),
                (.deleted, .organization(.membershipDeleted(let snapshot))):
                #expect(snapshot.clerkID == "orgmem_1")
                #expect(snapshot.userID == "user_ana")
                #expect(snapshot.role == .admin)
                #expect(snapshot.permissions == [.manageAgents])
                #expect(snapshot.version.updatedAt == TokenFixture.now + .seconds(1))
                #expect(snapshot.organization.name == "Loja")
                #expect(snapshot.organization.version.updatedAt == TokenFixture.now)
            default: Issue.record("\(verb) was read as \(event.change)")
            }
        }
    }
}
