internal import Analytics
internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("Conversions", .database)
struct ConversionServiceTests {
    private static func draft(_ attachment: RunAttachment, key: String? = nil) throws -> ConversionDraft {
        ConversionDraft(
            conversationID: attachment.identity.conversationID,
            value: Money(try #require(ExactDecimal("199.90")), .brl),
            dedupeKey: key
        )
    }

    @Test("are recorded, told and counted with their value")
    func record() async throws {
        let fixture = try await Fixture()
        let attachment = try await fixture.ask(fixture.makeAgent())
        let draft = try Self.draft(attachment)
        let (conversion, isNew) = try await fixture.write { try await fixture.conversions.record(draft, in: $0) }
        #expect(isNew && conversion.value == draft.value)
        // Without a key, told twice is twice.
        let (second, _) = try await fixture.write { try await fixture.conversions.record(draft, in: $0) }
        let page = try await fixture.conversions.conversions(PageRequest(limit: 1, after: nil), in: fixture.tenantID)
        #expect(page.items == [second])
        let rest = try await fixture.conversions.conversions(
            PageRequest(limit: 1, after: page.next),
            in: fixture.tenantID
        )
        #expect(rest.items == [conversion] && rest.next == nil)
        let counted = try await Look.ledger()["conversion"]
        #expect(counted?.count == 2 && counted?.amount.description == "399.8")
        #expect(try await Look.pendingEvents().suffix(2) == ["conversion_recorded", "conversion_recorded"])
        #expect(try await Look.disagreements() == [])
    }

    @Test("with one key are one, however many at once; with another payload they are refused")
    func dedupe() async throws {
        let fixture = try await Fixture()
        let attachment = try await fixture.ask(fixture.makeAgent())
        let draft = try Self.draft(attachment, key: "pedido-1")
        let told = try await withThrowingTaskGroup(of: (Conversion, Bool).self) { group in
            for _ in 0..<8 {
                group.addTask { try await fixture.write { try await fixture.conversions.record(draft, in: $0) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(told.map(\.0)).count == 1)
        #expect(told.count { $0.1 } == 1)
        var other = draft
        other.value = nil
        let refusal = await code { [other] in
            try await fixture.write { try await fixture.conversions.record(other, in: $0) }
        }
        #expect(refusal == .dedupeConflict)
        #expect(try await Look.ledger()["conversion"]?.count == 1)
        #expect(try await Look.disagreements() == [])
        // Keys are of a tenant.
        let foreign = try await Fixture(organization: "org_other")
        let theirs = try await foreign.ask(foreign.makeAgent())
        let same = try Self.draft(theirs, key: "pedido-1")
        #expect(try await foreign.write { try await foreign.conversions.record(same, in: $0) }.isNew)
    }

    @Test("are of a conversation that is there, and of the last 35 days")
    func refusals() async throws {
        let fixture = try await Fixture()
        let attachment = try await fixture.ask(fixture.makeAgent())
        func refusal(_ change: (inout ConversionDraft) -> Void) async throws -> Fault.Code? {
            var draft = try Self.draft(attachment)
            change(&draft)
            return await code { [draft] in
                try await fixture.write { try await fixture.conversions.record(draft, in: $0) }
            }
        }
        let now = WallClock.system.now()
        #expect(try await refusal { $0.conversationID = .next() } == .conversationNotFound)
        #expect(try await refusal { $0.occurredAt = now - .seconds(35 * 86_400 + 60) } == .occurredAtOutOfRange)
        #expect(try await refusal { $0.occurredAt = now + .seconds(360) } == .occurredAtOutOfRange)
        #expect(try await Look.ledger()["conversion"] == nil)
        #expect(try await refusal { $0.occurredAt = now - .seconds(34 * 86_400) } == nil)
        #expect(try await refusal { $0.occurredAt = now + .seconds(240) } == nil)
        #expect(try await Look.disagreements() == [])
    }
}
