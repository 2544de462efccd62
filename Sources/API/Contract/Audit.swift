internal import HTTPTypes
internal import Primitives
internal import Tenancy

/// What a writing route leaves in the audit log.
struct Audit<Fields: Sendable, Value>: Sendable {
    let action: AuditAction
    /// Whether anything was done that is to be remembered.
    var isDone: @Sendable (Value) -> Bool = { _ in true }
    /// The id of what it was done to; nil: the organisation itself.
    let target: @Sendable (Fields, Value) -> String?

    /// To what the answer shows.
    static func of<Entity>(
        _ action: AuditAction,
        _ id: @escaping @Sendable (Value) -> Identifier<Entity>
    ) -> Audit {
        Audit(action: action) { id($1).description }
    }

    /// To what the request names.
    static func named<Entity>(
        _ action: AuditAction,
        _ id: @escaping @Sendable (Fields) -> Identifier<Entity>
    ) -> Audit {
        Audit(action: action) { fields, _ in id(fields).description }
    }

    /// To what the organisation has one of.
    static func organization(_ action: AuditAction) -> Audit {
        Audit(action: action) { _, _ in nil }
    }
}

extension Operation {
    /// Of a change, the names of the fields that the request gives; never what it gives them.
    func auditDetails(of document: JSONDocument?) -> JSON {
        guard method == .patch || method == .put, let known = body?.schema.writableNames,
            let sent = document?.root.object?.members.map(\.name)
        else { return [:] }
        return ["fields": .array(sent.filter(known.contains).map(JSON.string))]
    }
}
