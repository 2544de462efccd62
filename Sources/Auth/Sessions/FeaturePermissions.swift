/// Permissions as Clerk's v2 tokens pack them: the i-th number of the map belongs to the i-th feature, and its bit j
/// (lowest first) to the j-th permission.
///
///     features "o:dashboard,o:teams", permissions "manage,read", map "3,2"
///     ⇒ org:dashboard:manage, org:dashboard:read, org:teams:read
enum FeaturePermissions {
    /// - Returns: Only what is granted without doubt: nothing for a number that is none, for a bit without a permission,
    ///   and for features of the user alone.
    static func decode(features: String, permissions: String, map: String) -> [String] {
        // By bytes: by characters takes longer than all the rest of a token but its signature.
        let features = features.utf8.split(separator: comma).map(Feature.init)
        let permissions = permissions.utf8.split(separator: comma, omittingEmptySubsequences: false)
        let map = map.utf8.split(separator: comma, omittingEmptySubsequences: false)
        guard map.count == features.count || !hasTwoReadings(features) else { return [] }
        var granted: [String] = []
        for (feature, number) in zip(features, map) where feature.isOrganizations {
            var number = Decimal(number)
            for permission in permissions where number.takeLowestBit() && !permission.isEmpty {
                granted.append("org:" + Substring(feature.name) + ":" + Substring(permission))
            }
        }
        return granted
    }

    private static let comma = UInt8(ascii: ",")

    private struct Feature {
        let isOrganizations: Bool
        let name: Substring.UTF8View

        /// - Parameter text: Scopes (`o`, `u`, or both), a colon, and a name.
        init(_ text: Substring.UTF8View) {
            guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else {
                (isOrganizations, name) = (false, text)
                return
            }
            name = text[text.index(after: colon)...]
            switch Substring(text[..<colon]) {
            case "o", "ou", "uo": isOrganizations = !name.isEmpty
            default: isOrganizations = false
            }
        }
    }

    /// Clerk's tokens have a number for each feature, but its own SDK counts only the organisation's: where a user's
    /// feature stands before an organisation's, and the count does not tell which is meant, the two disagree.
    private static func hasTwoReadings(_ features: [Feature]) -> Bool {
        guard let usersFirst = features.firstIndex(where: { !$0.isOrganizations }) else { return false }
        return features[usersFirst...].contains(where: \.isOrganizations)
    }

    /// A whole number of any size, 0 where the text is no such number.
    private struct Decimal {
        private var digits: [UInt8]

        init(_ text: Substring.UTF8View) {
            digits = text.map { $0 &- UInt8(ascii: "0") }
            if !digits.allSatisfy({ $0 <= 9 }) { digits = [] }
        }

        /// Halves the number.
        mutating func takeLowestBit() -> Bool {
            var remainder: UInt8 = 0
            for index in digits.indices {
                let value = remainder * 10 + digits[index]
                digits[index] = value / 2
                remainder = value % 2
            }
            return remainder == 1
        }
    }
}

extension FeaturePermissions {
    /// The inverse of `decode`, for permissions of the form `org:<feature>:<permission>`; others are left out.
    static func encode(_ names: [String]) -> (features: String, permissions: String, map: String) {
        var granted: [Substring: Set<Substring>] = [:]
        for parts in names.map({ $0.split(separator: ":") }) where parts.count == 3 && parts[0] == "org" {
            granted[parts[1], default: []].insert(parts[2])
        }
        let features = granted.keys.sorted()
        let permissions = Set(granted.values.joined()).sorted().prefix(Int.bitWidth - 1)
        let map = features.map { feature in
            var number = 0
            for (bit, permission) in permissions.enumerated() where granted[feature]?.contains(permission) == true {
                number |= 1 << bit
            }
            return String(number)
        }
        return (
            features: features.map { "o:\($0)" }.joined(separator: ","),
            permissions: permissions.joined(separator: ","),
            map: map.joined(separator: ",")
        )
    }
}
