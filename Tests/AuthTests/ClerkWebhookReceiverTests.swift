@testable internal import Auth
internal import Postgres
internal import Primitives
internal import Secrets
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("Clerk's webhooks", .database) struct ClerkWebhookReceiverTests {
    private let now = TokenFixture.now
    private let secret = TokenFixture.issuer.webhookSecret

    private func directory() throws -> OrganizationDirectory {
        OrganizationDirectory(database: TenantDatabase(pool: try TestDatabase.current.app))
    }

    private func receiver(
        directory: OrganizationDirectory? = nil,
        secrets: [WebhookSecret]? = nil,
        at time: Timestamp? = nil
    ) throws -> ClerkWebhookReceiver {
        try .connected(directory ?? self.directory(), secrets: secrets ?? [secret], at: time ?? now)
    }

    private func organization(_ name: String = "Loja", updated offset: Int64 = 0) -> DevelopmentEvent.Organization {
        DevelopmentEvent.Organization(
            id: "org_loja",
            name: name,
            slug: "loja",
            updatedAt: now + .seconds(offset)
        )
    }

    private func membership(
        _ id: String = "orgmem_1",
        role: Role = .member,
        updated offset: Int64 = 0
    ) -> DevelopmentEvent.Membership {
        DevelopmentEvent.Membership(
            id: id,
            userID: "user_ana",
            role: role,
            permissions: [.manageAgents],
            organization: organization(),
            updatedAt: now + .seconds(offset)
        )
    }

    private func deliver(_ event: DevelopmentEvent, to receiver: ClerkWebhookReceiver) async throws
        -> ClerkWebhookReceiver.Outcome
    {
        try await receiver.receive(headers: event.headers(signedWith: secret, at: now), body: event.body)
    }

    private func refusal(
        _ receiver: ClerkWebhookReceiver,
        _ headers: WebhookHeaders,
        _ body: [UInt8]
    ) async -> String? {
        do {
            _ = try await receiver.receive(headers: headers, body: body)
            return nil
        } catch {
            return (error as? Fault)?.code.rawValue ?? "\(error)"
        }
    }

    @Test("An organisation is created, renamed and deleted, and stays deleted")
    func organizationLife() async throws {
        let receiver = try receiver()
        let created = DevelopmentEvent.organization(.created, organization("Loja"), at: now)
        let renamed = DevelopmentEvent.organization(.updated, organization("Lojão", updated: 1), at: now)
        let deleted = DevelopmentEvent.organization(.deleted, organization(updated: 2), at: now)
        #expect(try await deliver(created, to: receiver) == .applied)
        #expect(try await deliver(renamed, to: receiver) == .applied)
        #expect(try await StoredRows.organizations() == ["org_loja Lojão loja active"])
        #expect(try await deliver(deleted, to: receiver) == .applied)
        let late = DevelopmentEvent.organization(.updated, organization("Loja de volta", updated: 3), at: now)
        #expect(try await deliver(late, to: receiver) == .applied)
        #expect(try await StoredRows.organizations() == ["org_loja Loja de volta loja deleted"])
        let claim = try await TokenFixture.verifier().verify(TokenFixture.token()).requireOrganization()
        let fault = await #expect(throws: Fault.self) { try await directory().organization(for: claim) }
        #expect(fault?.code == .organizationDeleted)
    }

    @Test("What an event changes is in the audit log, put down to its delivery; what changes nothing is not")
    func audit() async throws {
        let receiver = try receiver()
        let created = DevelopmentEvent.organization(.created, organization("Loja"), at: now)
        let joined = DevelopmentEvent.membership(.created, membership(updated: 1), at: now)
        let stale = DevelopmentEvent.membership(.updated, membership(role: .admin, updated: -1), at: now)
        let left = DevelopmentEvent.membership(.deleted, membership(updated: 2), at: now)
        let deleted = DevelopmentEvent.organization(.deleted, organization(updated: 3), at: now)
        for event in [created, joined, stale, left, left, deleted] { _ = try await deliver(event, to: receiver) }
        let loja = TenantID(clerkOrganizationID: "org_loja")
        let request = RequestID.next()
        let renamed = DevelopmentEvent.organization(.updated, organization("Lojão", updated: 4), at: now)
        _ = try await receiver.receive(
            headers: renamed.headers(signedWith: secret, at: now),
            body: renamed.body,
            from: ClientAddress("192.0.2.4"),
            requestID: request
        )
        #expect(
            try await StoredRows.audit() == [
                "clerk organization.updated \(loja) {}", #"clerk member.updated user_ana {"role": "org:member"}"#,
                "clerk member.removed user_ana {}", "clerk organization.deleted \(loja) {}",
                "clerk organization.updated \(loja) 192.0.2.4 {} \(request)",
            ]
        )
    }

    @Test("A deletion that comes before everything else is not undone by what comes late")
    func deletionFirst() async throws {
        let receiver = try receiver()
        _ = try await deliver(.organization(.deleted, organization(), at: now), to: receiver)
        #expect(try await StoredRows.organizations() == ["org_loja org_loja - deleted"])
        _ = try await deliver(.membership(.created, membership(), at: now), to: receiver)
        #expect(try await StoredRows.organizations() == ["org_loja Loja loja deleted"])
    }

    @Test("A member who is removed is refused at once, however fresh the cache, until a new membership comes")
    func membershipLife() async throws {
        let directory = try directory()
        let receiver = try receiver(directory: directory)
        let claim = try await TokenFixture.verifier().verify(TokenFixture.token()).requireOrganization()
        // Provisioned from the token, before any webhook.
        #expect(try await directory.organization(for: claim).name == "loja")
        _ = try await deliver(.membership(.created, membership(), at: now), to: receiver)
        #expect(try await directory.organization(for: claim).name == "Loja")
        #expect(try await StoredRows.members() == ["user_ana orgmem_1 org:member active"])
        let promoted = DevelopmentEvent.membership(.updated, membership(role: .admin, updated: 1), at: now)
        _ = try await deliver(.membership(.deleted, membership(updated: 0), at: now + .seconds(5)), to: receiver)
        let fault = await #expect(throws: Fault.self) { try await directory.organization(for: claim) }
        #expect(fault?.code == .membershipRemoved)
        _ = try await deliver(promoted, to: receiver)
        await #expect(throws: Fault.self) { try await directory.organization(for: claim) }
        let again = DevelopmentEvent.membership(.created, membership("orgmem_2", updated: 9), at: now)
        _ = try await deliver(again, to: receiver)
        #expect(try await directory.organization(for: claim).name == "Loja")
        #expect(try await StoredRows.members() == ["user_ana orgmem_2 org:member active"])
    }

    @Test(
        "A banned user is refused at once and everywhere, also where a membership comes later, until the ban is lifted"
    )
    func ban() async throws {
        let directory = try directory()
        let receiver = try receiver(directory: directory)
        let claim = try await TokenFixture.verifier().verify(TokenFixture.token()).requireOrganization()
        _ = try await directory.organization(for: claim)
        func update(banned: Bool, _ offset: Int64) async throws {
            let user = DevelopmentEvent.User(id: "user_ana", isBanned: banned, updatedAt: now + .seconds(offset))
            #expect(try await deliver(.user(.updated, user, at: now), to: receiver) == .applied)
        }
        try await update(banned: true, 1)
        #expect(await refusal(of: claim, directory) == "user_banned")
        let membership = membership("orgmem_9", updated: 5)
        _ = try await deliver(.membership(.created, membership, at: now), to: receiver)
        #expect(await refusal(of: claim, directory) == "user_banned")
        // Late, and from before the ban.
        try await update(banned: false, 0)
        #expect(await refusal(of: claim, directory) == "user_banned")
        try await update(banned: false, 2)
        #expect(await refusal(of: claim, directory) == nil)
    }

    @Test("A deleted user is refused for ever")
    func userDeletion() async throws {
        let directory = try directory()
        let receiver = try receiver(directory: directory)
        let claim = try await TokenFixture.verifier().verify(TokenFixture.token()).requireOrganization()
        _ = try await directory.organization(for: claim)
        let user = DevelopmentEvent.User(id: "user_ana", updatedAt: now)
        #expect(try await deliver(.user(.deleted, user, at: now), to: receiver) == .applied)
        #expect(await refusal(of: claim, directory) == "user_deleted")
        let late = DevelopmentEvent.User(id: "user_ana", updatedAt: now + .seconds(9))
        _ = try await deliver(.user(.updated, late, at: now + .seconds(9)), to: receiver)
        #expect(await refusal(of: claim, directory) == "user_deleted")
    }

    @Test(
        "A session that ended is refused at once, another of the same person is not",
        arguments: [
            DevelopmentEvent.SessionVerb.ended, .removed, .revoked,
        ]
    )
    func sessionEnd(verb: DevelopmentEvent.SessionVerb) async throws {
        let directory = try directory()
        let receiver = try receiver(directory: directory)
        let verifier = TokenFixture.verifier()
        let claim = try await verifier.verify(TokenFixture.token()).requireOrganization()
        let other = try await verifier.verify(TokenFixture.token(changing: ["sid": "sess_2"])).requireOrganization()
        _ = try await directory.organization(for: claim)
        let event = DevelopmentEvent.session(verb, "sess_1", of: "user_ana", at: now)
        #expect(try await deliver(event, to: receiver) == .applied)
        #expect(await refusal(of: claim, directory) == "session_ended")
        #expect(await refusal(of: other, directory) == nil)
    }

    private func refusal(of claim: OrganizationClaim, _ directory: OrganizationDirectory) async -> String? {
        do {
            _ = try await directory.organization(for: claim)
            return nil
        } catch {
            return (error as? Fault)?.code.rawValue ?? "\(error)"
        }
    }

    @Test("A delivery that is repeated, also by several at once, is applied and stored once")
    func duplicates() async throws {
        let receiver = try receiver()
        let event = DevelopmentEvent.organization(.created, organization(), at: now)
        let outcomes = try await withThrowingTaskGroup(of: ClerkWebhookReceiver.Outcome.self) { group in
            for _ in 0..<12 { group.addTask { try await deliver(event, to: receiver) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .applied }.count == 1)
        #expect(outcomes.filter { $0 == .duplicate }.count == 11)
        #expect(try await StoredRows.deliveries() == ["organization.created"])
    }

    @Test("Types that we do not act on are stored, each under the organisation that it is about")
    func otherTypes() async throws {
        let receiver = try receiver()
        let bodies = [
            #"{"object":"event","type":"session.created","data":{"id":"sess_1"},"timestamp":1716883200}"#,
            #"{"object":"event","type":"organizationInvitation.created","data":{"organization_id":"org_loja"}}"#,
            #"{"object":"event","type":"organizationDomain.v9","data":{"organization":{"id":"org_loja"}}}"#,
            #"{"object":"event","type":"nova.coisa"}"#,
        ]
        for (number, body) in bodies.enumerated() {
            let headers = StandardWebhooks.sign(id: "msg_\(number)", at: now, body: body.utf8, with: [secret])
            #expect(try await receiver.receive(headers: headers, body: Array(body.utf8)) == .stored)
        }
        let tenant = TenantID(clerkOrganizationID: "org_loja")
        let counts = try await TestDatabase.current.administrator.query(CountDeliveriesByTenant())
        #expect(counts.map { "\($0)" }.sorted() == ["\(tenant) 2", "\(TenantID.system) 2"].sorted())
        #expect(try await StoredRows.organizations() == [])
    }

    @Test(
        "What is signed but makes no sense is stored and answered with success, so that it is not sent for days",
        arguments: [
            "", "{", "[]", "{}", #"{"type":1}"#,
            #"{"type":"organization.created"}"#,
            #"{"type":"organization.created","data":{"id":"org_x","name":"X"}}"#,
            #"{"type":"organization.created","data":{"id":"org_x","name":"X","updated_at":"ontem"}}"#,
            #"{"type":"organization.created","data":{"id":"org_x","name":"X","updated_at":1e99}}"#,
            #"{"type":"organization.created","data":{"id":"org_x","name":"a\u0000b","updated_at":1}}"#,
            #"{"type":"organization.created","data":{"id":"org_x","name":"X","slug":"\u0000","updated_at":1}}"#,
            #"{"type":"organization.deleted","data":{"deleted":true}}"#,
            #"{"type":"organizationMembership.created","data":{"id":"orgmem_1","role":"org:admin","updated_at":1}}"#,
            #"{"type":"user.updated","data":{"id":"user_1","updated_at":1}}"#,
            #"{"type":"user.updated","data":{"id":"user_1","banned":true}}"#,
            #"{"type":"user.deleted","data":{"deleted":true}}"#,
            #"{"type":"session.revoked","data":{"id":"\u0000"}}"#,
        ]
    )
    func undecodable(body: String) async throws {
        let receiver = try receiver()
        let headers = StandardWebhooks.sign(id: "msg_1", at: now, body: body.utf8, with: [secret])
        #expect(try await receiver.receive(headers: headers, body: Array(body.utf8)) == .undecodable)
        #expect(try await receiver.receive(headers: headers, body: Array(body.utf8)) == .duplicate)
        #expect(try await StoredRows.organizations() == [])
    }

    @Test("Any byte changed, in the body or in a header, is refused, and nothing is stored")
    func flippedBytes() async throws {
        let receiver = try receiver()
        let event = DevelopmentEvent.organization(.created, organization(), at: now)
        let headers = event.headers(signedWith: secret, at: now)
        let codes: Set = ["webhook_signature_invalid", "webhook_timestamp_invalid", "webhook_headers_missing"]
        func expectRefusal(_ headers: WebhookHeaders, _ body: [UInt8], _ place: String) async {
            let code = await refusal(receiver, headers, body)
            #expect(code.map(codes.contains) == true, "\(place): \(code ?? "accepted")")
        }
        for position in event.body.indices {
            var body = event.body
            body[position] ^= 0x01
            await expectRefusal(headers, body, "body \(position)")
        }
        await expectRefusal(headers, event.body + [0x20], "a byte more")
        await expectRefusal(headers, event.body.dropLast(), "a byte less")
        let fields = headers.fields(.svix)
        for field in fields {
            for position in field.value.utf8.indices {
                for flip: UInt8 in [0x01, 0x02, 0x40] {
                    var value = Array(field.value.utf8)
                    value[field.value.utf8.distance(from: field.value.startIndex, to: position)] ^= flip
                    let changed = String(decoding: value, as: UTF8.self)
                    let headers = WebhookHeaders(.svix) { name in
                        name == field.name ? changed : fields.first { $0.name == name }?.value
                    }
                    await expectRefusal(headers, event.body, "\(field.name): \(changed)")
                }
            }
        }
        #expect(try await StoredRows.deliveries() == [])
    }

    @Test("The time is to be within five minutes, in both directions")
    func tolerance() async throws {
        let event = DevelopmentEvent.organization(.created, organization(), at: now)
        let headers = event.headers(signedWith: secret, at: now)
        for offset: Int64 in [-301, 301] {
            let receiver = try receiver(at: now + .seconds(offset))
            #expect(await refusal(receiver, headers, event.body) == "webhook_timestamp_invalid")
        }
        for offset: Int64 in [-300, 300] {
            let receiver = try receiver(at: now + .seconds(offset))
            #expect(await refusal(receiver, headers, event.body) == nil)
        }
    }

    @Test("A missing or blank header, and another secret, are refused; of two signatures one must be good")
    func headers() async throws {
        let receiver = try receiver()
        let event = DevelopmentEvent.organization(.created, organization(), at: now)
        let good = event.headers(signedWith: secret, at: now)
        for name in ["svix-id", "svix-timestamp", "svix-signature"] {
            for blank in [nil, "", " ", "\t "] {
                let headers = WebhookHeaders(.svix) { other in
                    other == name ? blank : good.fields(.svix).first { $0.name == other }?.value
                }
                #expect(await refusal(receiver, headers, event.body) == "webhook_headers_missing")
            }
        }
        let stranger = event.headers(signedWith: .generate(), at: now)
        #expect(await refusal(receiver, stranger, event.body) == "webhook_signature_invalid")
        let both = WebhookHeaders(
            id: good.id,
            timestamp: good.timestamp,
            signature: "\(stranger.signature ?? "") v2,AAAA \(good.signature ?? "")"
        )
        #expect(await refusal(receiver, both, event.body) == nil)
        let rotating = try self.receiver(secrets: [.generate(), secret])
        #expect(try await deliver(event, to: rotating) == .duplicate)
    }
}
