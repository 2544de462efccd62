internal import CLibPQ
internal import Primitives

/// libpq's keywords and values for one configuration.
struct ConnectionParameters {
    private(set) var values: [String: String]

    /// - Throws: `invalidConfiguration`, without libpq's text, which quotes the URL.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        guard let options = PQconninfoParse(configuration.url.exposed, nil) else {
            throw PostgresError(.invalidConfiguration, effect: .none)
        }
        defer { PQconninfoFree(options) }
        // Each can be set in the URL. A dead peer is noticed within a minute. Kerberos is not tried unasked: its library
        // aborts a process that exits while threads that have used it end.
        values = [
            "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
            "tcp_user_timeout": "60000", "gssencmode": "disable",
        ]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        values["application_name"] = configuration.applicationName
        values["client_encoding"] = "UTF8"
        if let user = configuration.user { values["user"] = user }
        if let password = configuration.password { values["password"] = password.exposed }
        if let database = configuration.database { values["dbname"] = database }
    }

    /// Calls `body` with the two null-terminated arrays that `PQconnectStartParams` takes.
    func withCStrings<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        let pairs = values.map { ($0.key, $0.value) }
        let keywords = pairs.map { Self.copy($0.0) }
        let values = pairs.map { Self.copy($0.1) }
        defer {
            for pointer in keywords + values { pointer.deallocate() }
        }
        return body(keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let characters = text.utf8CString
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        for (index, character) in characters.enumerated() { (pointer + index).initialize(to: character) }
        return pointer
    }
}
