/// Permissions as Clerk's v2 tokens pack them: the i-th number of the map belongs to the i-th feature, and its bit j
/// (lowest first) to the j-th permission.
///
///     features "o:dashboard,o:teams", permissions "manage,read", map "3,2"
///     ⇒ org:dashboard:manage, org:dashboard:read, org:teams:read
enum FeaturePermissions {
    /// - Returns: Only what is granted without doubt: nothing for a number that is none, for a bit without a permission,
    ///   and for features of the user alone.
    static func decode(features: String, permissions: String, map: String) -> [String] {
        let features = features.split(separator: ",").map(Feature.init)
        let permissions = permissions.split(separator: ",", omittingEmptySubsequences: false)
        let map = map.split(separator: ",", omittingEmptySubsequences: false)
        guard map.count == features.count || !hasTwoReadings(features) else { return [] }
        return zip(features, map).flatMap { feature, number in
            guard feature.isOrganizations else { return [] as [String] }
            return zip(permissions, bits(ofDecimal: number, count: permissions.count)).compactMap { permission, isSet in
                isSet && !permission.isEmpty ? "org:\(feature.name):\(permission)" : nil
            }
        }
    }

    private struct Feature {
        let isOrganizations: Bool
        let name: Substring

        /// - Parameter text: Scopes (`o`, `u`, or both), a colon, and a name.
        init(_ text: Substring) {
            let parts = text.split(separator: ":", maxSplits: 1)
            isOrganizations = parts.count == 2 && ["o", "ou", "uo"].contains(parts[0])
            name = parts.last ?? ""
        }
    }

    /// Clerk's tokens have a number for each feature, but its own SDK counts only the organisation's: where a user's
    /// feature stands before an organisation's, and the count does not tell which is meant, the two disagree.
    private static func hasTwoReadings(_ features: [Feature]) -> Bool {
        guard let usersFirst = features.firstIndex(where: { !$0.isOrganizations }) else { return false }
        return features[usersFirst...].contains(where: \.isOrganizations)
    }

    /// The lowest bits of a whole number of any size; none are set where the text is no such number.
    static func bits(ofDecimal text: Substring, count: Int) -> [Bool] {
        var digits = text.utf8.map { Int($0) - 48 }
        guard digits.allSatisfy((0...9).contains) else { return [] }
        return (0..<count).map { _ in
            var remainder = 0
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
