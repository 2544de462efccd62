internal import Hummingbird
internal import Knowledge
internal import Primitives
internal import Tenancy

/// Knowledge bases.
struct KnowledgeBaseRoutes {
    let bases: KnowledgeBaseService

    var endpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/knowledge/bases",
                "Create a knowledge base",
                .data(.knowledgeBase, status: .created),
                audit: .of(.knowledgeBaseCreated, \.id)
            ) { (input: BodyFields<BaseBody>, transaction, _) in
                try await bases.create(
                    name: input.body.name,
                    description: input.body.description,
                    in: transaction
                )
            },
            .read("/knowledge/bases", "List knowledge bases, newest first", .page(of: .knowledgeBase)) {
                (input: PageFields, context) in
                try await context.transaction { try await bases.bases(input.page, in: $0) }
            },
            .read(
                "/knowledge/bases/{base_id}",
                "Read a knowledge base",
                .data(.knowledgeBase),
                faults: [.knowledgeBaseNotFound]
            ) { (input: BasePath, context) in
                try await context.transaction { try await bases.base(input.id, in: $0) }
            },
            .write(
                .patch,
                "/knowledge/bases/{base_id}",
                "Change a knowledge base",
                .data(.knowledgeBase),
                audit: .of(.knowledgeBaseUpdated, \.id),
                faults: [.knowledgeBaseNotFound]
            ) { (input: BaseChange, transaction, _) in
                try await bases.update(
                    input.id,
                    name: input.body.name,
                    description: input.body.description,
                    in: transaction
                )
            },
            .write(
                .delete,
                "/knowledge/bases/{base_id}",
                "Delete a knowledge base and its documents",
                .deleted,
                audit: .named(.knowledgeBaseDeleted, \.id),
                faults: [.knowledgeBaseNotFound]
            ) { (input: BasePath, transaction, _) in
                try await bases.delete(input.id, in: transaction)
            },
        ]
    }
}
