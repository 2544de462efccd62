import Primitives
import Tenancy
import Testing

struct AccessRuleTests {
    private static let rules: [AccessRule] = [
        AccessRule(people: .anyMember, keys: .scope(.chat)),
        AccessRule(people: .holding(.manageAgents), keys: .scope(.agentsWrite)),
        AccessRule(people: .admins, keys: .refused),
    ]

    private static func person(_ role: Role, _ permissions: Set<Permission> = []) -> Principal {
        .person(Principal.Person(userID: "user_ana", sessionID: nil, role: role, permissions: permissions))
    }

    private static func key(_ scopes: KeyScope...) -> Principal {
        .key(Principal.Key(id: .next(), name: "CRM", createdBy: "user_ana", scopes: Set(scopes), agentIDs: nil))
    }

    @Test(
        "People need role or permission, keys need the scope, and what is for people is not for keys",
        arguments: [
            (person(.admin), [nil, nil, nil]),
            (person(.member), [nil, .permissionDenied, .permissionDenied]),
            (person(.member, [.manageAgents]), [nil, nil, .permissionDenied]),
            (person(Role(rawValue: "org:own"), [.manageKnowledge]), [nil, .permissionDenied, .permissionDenied]),
            (key(.chat), [nil, .apiKeyScopeMissing, .peopleOnly]),
            (key(.agentsRead, .agentsWrite), [.apiKeyScopeMissing, nil, .peopleOnly]),
            (key(), [.apiKeyScopeMissing, .apiKeyScopeMissing, .peopleOnly]),
        ] as [(Principal, [Fault.Code?])]
    )
    func decisions(principal: Principal, expected: [Fault.Code?]) {
        let codes = Self.rules.map { rule -> Fault.Code? in
            do throws(Fault) {
                try principal.require(rule)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(codes == expected)
    }

    @Test("A key acts as itself, not as the person who made it")
    func actor() {
        #expect(Self.person(.member).actor == Principal.Actor(.user, "user_ana"))
        #expect(Self.person(.member).userID == "user_ana")
        let key = Self.key(.chat)
        #expect(key.userID == nil)
        #expect(key.actor.kind == .key && key.actor.id == key.keyID?.description)
    }
}
