internal import Analytics
internal import Primitives

extension Output where Value == Money {
    static let money = Output.object(
        "Money",
        [Member("amount", .amount, \.amount), Member("currency", .text, \.currency.rawValue)]
    )
}
