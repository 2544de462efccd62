/// How much of concurrent transactions a transaction may see (Postgres, "Transaction Isolation").
public enum IsolationLevel: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
}
