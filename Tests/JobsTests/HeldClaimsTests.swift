internal import FoundationEssentials
internal import Primitives
internal import Testing

@testable internal import Jobs

@Suite("The claims that a process holds") struct HeldClaimsTests {
    private let start = ContinuousClock.now
    private let claim = JobClaim(tenantID: .next(), jobID: .next(), id: UUID())

    private func holding() -> HeldClaims<String> {
        var claims = HeldClaims<String>(trust: .seconds(22), patience: .seconds(10))
        #expect(claims.hold([claim], in: "q", sentAt: start) == true)
        #expect(claims.begin(claim.id, "handler", deadline: start + .seconds(600)) == false)
        return claims
    }

    @Test("are trusted from when their statement was sent, and for no longer than that")
    func expire() {
        var claims = holding()
        #expect(claims.expire(now: start + .seconds(21)).isEmpty)
        #expect(claims.isTrusted(claim.id, now: start + .seconds(21)))
        #expect(claims.expire(now: start + .seconds(22)) == ["handler"])
        #expect(!claims.isTrusted(claim.id, now: start))
        #expect(claims.expire(now: start + .seconds(23)).isEmpty, "it is stopped once")
        #expect(claims.count(in: "q") == 1, "its slot is taken until it has ended")
        claims.end(claim.id)
        #expect(claims.count(in: "q") == 0)
    }

    @Test("are trusted anew by a renewal, from when that was sent; a late answer to an older one takes nothing away")
    func renew() {
        var claims = holding()
        #expect(claims.renew([claim], known: [claim.id: true], sentAt: start + .seconds(20)).isEmpty)
        #expect(claims.renew([claim], known: [claim.id: true], sentAt: start + .seconds(10)).isEmpty)
        #expect(claims.expire(now: start + .seconds(41)).isEmpty)
        #expect(claims.expire(now: start + .seconds(42)) == ["handler"])
    }

    @Test("that are valid and were not renewed stay as they are; those that are not valid are stopped")
    func lost() {
        var claims = holding()
        #expect(claims.renew([claim], known: [claim.id: false], sentAt: start + .seconds(20)).isEmpty)
        #expect(claims.isTrusted(claim.id, now: start + .seconds(21)))
        #expect(!claims.isTrusted(claim.id, now: start + .seconds(22)))
        #expect(claims.renew([claim], known: [:], sentAt: start + .seconds(21)) == ["handler"])
        #expect(claims.stopReason(claim.id) == .leaseLost)
    }

    @Test("made after a renewal was sent are not judged by it")
    func notAsked() {
        var claims = holding()
        #expect(claims.renew([], known: [:], sentAt: start).isEmpty)
        #expect(claims.stopReason(claim.id) == nil)
    }

    @Test("are given back once the process drains, and a lost one is not given back for the end of the process")
    func drain() {
        var claims = holding()
        claims.drain()
        #expect(claims.hold([JobClaim(tenantID: .next(), jobID: .next(), id: UUID())], in: "q", sentAt: start) == false)
        #expect(claims.stopAll() == ["handler"])
        #expect(claims.stopReason(claim.id) == .shutdown)
        #expect(claims.expire(now: start + .seconds(30)) == ["handler"])
        #expect(claims.stopAll().isEmpty)
        #expect(claims.stopReason(claim.id) == .unheard)
        #expect(claims.renew([claim], known: [:], sentAt: start) == ["handler"])
        #expect(claims.expire(now: start + .seconds(31)).isEmpty)
        #expect(claims.stopReason(claim.id) == .leaseLost)
    }

    @Test("that were stopped before their handler began stop it when it does")
    func stoppedEarly() {
        var claims = HeldClaims<String>(trust: .seconds(22), patience: .seconds(10))
        #expect(claims.hold([claim], in: "q", sentAt: start) == true)
        #expect(claims.expire(now: start + .seconds(22)).isEmpty)
        #expect(claims.begin(claim.id, "handler", deadline: start + .seconds(600)) == true)
    }

    @Test(
        "are renewed up to the end of their time, stopped then, and once patience is over neither renewed nor waited for"
    )
    func overdue() {
        var claims = holding()
        let end = start + .seconds(600)
        _ = claims.renew([claim], known: [claim.id: true], sentAt: end)
        #expect(claims.expire(now: end - .seconds(1)).isEmpty)
        #expect(claims.abandon(now: end - .seconds(1)).isEmpty)
        #expect(claims.expire(now: end) == ["handler"])
        #expect(claims.stopReason(claim.id) == .overdue)
        #expect(claims.stopAll().isEmpty, "the end of the process gives no overdue one back")
        #expect(claims.stopReason(claim.id) == .overdue)
        #expect(claims.abandon(now: end).isEmpty)
        #expect(claims.abandon(now: end + .seconds(9)).isEmpty)
        #expect(claims.claims == [claim])
        #expect(claims.abandon(now: end + .seconds(10)) == ["handler"])
        #expect(claims.claims.isEmpty)
        #expect(claims.abandon(now: end + .seconds(11)).isEmpty, "it is given up once")
        #expect(claims.isTrusted(claim.id, now: end + .seconds(11)), "what becomes of its job can still be written")
    }
}
