internal import ArgumentParser
internal import Glibc

/// The program: `agentes serve | work | migrate | admin … | jobs … | dev …`.
@main
struct Agentes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agentes",
        abstract: "Conversational agents that convert visitors into customers.",
        version: version,
        subcommands: [Serve.self, Work.self, Migrate.self, Administration.self, DeadJobs.self, Development.self]
    )

    static let version = "0.1.0"

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as ConfigurationError {
            // All problems, one a line; never a value.
            write(STDERR_FILENO, "\(error)\n", error.description.utf8.count + 1)
            Glibc.exit(EX_CONFIG)
        } catch {
            exit(withError: error)
        }
    }
}
