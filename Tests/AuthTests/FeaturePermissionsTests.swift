@testable internal import Auth
internal import Testing

@Suite("Permissions of v2 tokens") struct FeaturePermissionsTests {
    struct Case {
        let features: String
        let permissions: String
        let map: String
        let granted: Set<String>
    }

    @Test(
        "Numbers name features by place and permissions by bit",
        arguments: [
            Case(
                features: "o:dashboard,o:teams",
                permissions: "manage,read",
                map: "3,2",
                granted: ["org:dashboard:manage", "org:dashboard:read", "org:teams:read"]
            ),
            Case(
                features: "o:agents,o:leads",
                permissions: "read,manage",
                map: "1,3",
                granted: ["org:agents:read", "org:leads:read", "org:leads:manage"]
            ),
            Case(
                features: "o:agents,o:leads,o:goals",
                permissions: "read,manage",
                map: "1,3,0",
                granted: ["org:agents:read", "org:leads:read", "org:leads:manage"]
            ),
            Case(
                features: "o:a,o:b,o:c,o:d,o:e",
                permissions: "manage,read",
                map: "3,3,3,3,1",
                granted: [
                    "org:a:manage", "org:a:read", "org:b:manage", "org:b:read", "org:c:manage", "org:c:read",
                    "org:d:manage", "org:d:read", "org:e:manage",
                ]
            ),
            Case(
                features: "o:agents,uo:leads,u:badge",
                permissions: "read,create,update,delete,revoke",
                map: "7,21,0",
                granted: [
                    "org:agents:read", "org:agents:create", "org:agents:update", "org:leads:read",
                    "org:leads:update", "org:leads:revoke",
                ]
            ),
            Case(
                features: "o:agents,uo:leads,u:badge",
                permissions: "read,manage",
                map: "2,1",
                granted: ["org:agents:manage", "org:leads:read"]
            ),
            Case(
                features: "o:a,o:b",
                permissions: "manage,read,update",
                map: "7,21",
                granted: ["org:a:manage", "org:a:read", "org:a:update", "org:b:manage", "org:b:update"]
            ),
            Case(
                features: "o:a,o:b,o:c",
                permissions: "manage,read,update",
                map: "6,0,3",
                granted: ["org:a:read", "org:a:update", "org:c:manage", "org:c:read"]
            ),
        ]
    )
    func table(_ example: Case) {
        let decoded = FeaturePermissions.decode(
            features: example.features,
            permissions: example.permissions,
            map: example.map
        )
        #expect(Set(decoded) == example.granted)
        #expect(decoded.count == example.granted.count)
    }

    @Test("A user's feature grants nothing in the organisation, and does not shift the others")
    func scopes() {
        func decode(_ features: String, _ map: String) -> [String] {
            FeaturePermissions.decode(features: features, permissions: "read,manage", map: map)
        }
        #expect(decode("u:badge,o:agents", "3,1") == ["org:agents:read"])
        #expect(decode("ou:agents,u:badge", "3") == ["org:agents:read", "org:agents:manage"])
        // Two readings: the number is the user's or the organisation's.
        #expect(decode("u:badge,o:agents", "3") == [])
        #expect(decode("o:leads,u:badge,o:agents", "1,3") == [])
        for features in ["agents", "x:agents", "oo:agents", ":agents", ""] {
            #expect(decode(features, "3") == [], "\(features)")
        }
    }

    @Test("Numbers beyond 64 bits count; what is no number grants nothing; surplus bits are dropped")
    func numbers() {
        let permissions = (0..<80).map { "p\($0)" }.joined(separator: ",")
        func decode(_ number: String) -> [String] {
            FeaturePermissions.decode(features: "o:f", permissions: permissions, map: number)
        }
        #expect(decode("9007199254740993") == ["org:f:p0", "org:f:p53"])
        #expect(decode("604462909807314587353089") == ["org:f:p0", "org:f:p79"])  // 2^79 + 1
        #expect(decode("1208925819614629174706177") == ["org:f:p0"])  // 2^80 + 1
        for number in ["-1", "1.5", "1x", "+1", " 1", "0x1", "", "١", "1e3"] {
            #expect(decode(number) == [], "\(number)")
        }
        #expect(FeaturePermissions.decode(features: "o:a,o:b", permissions: "read", map: "x,1") == ["org:b:read"])
    }

    @Test("What is encoded decodes to the same, and what a token cannot carry is left out")
    func roundTrip() {
        let names = ["org:agents:manage", "org:agents:read", "org:leads:read", "org:member", "plain"]
        let packed = FeaturePermissions.encode(names)
        let decoded = FeaturePermissions.decode(
            features: packed.features,
            permissions: packed.permissions,
            map: packed.map
        )
        #expect(Set(decoded) == ["org:agents:manage", "org:agents:read", "org:leads:read"])
    }
}
