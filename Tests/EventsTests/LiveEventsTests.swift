internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@testable import Events

@Suite(.database, .timeLimit(.minutes(1))) struct LiveEventsTests {
    private let tenant = TenantID.next()

    @Test("a reader that comes back gets what it missed over many pages, in order, and nothing of another tenant")
    func replays() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        var events: [EventID] = []
        for _ in 0..<6 {
            events += try await database.append((0..<100).map { _ in .sample() }, to: tenant)
            try await database.append((0..<20).map { _ in .sample() }, to: .next())
        }
        while try await relay.relay() != .relayed(0) {}
        var reader = try live.subscribe(to: tenant, by: .somebody, after: EventCursor.beginning.description)
            .makeAsyncIterator()
        // The sequence of a new database begins at 1, so its beginning is a place to read on from.
        #expect(try await reader.next() == .cursor(.beginning))
        for id in events { try #require(try await reader.next()?.event?.id == id) }
    }

    @Test("readers of three kinds see each event once while it is written, relayed and read at the same time")
    func live() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        let agentID = AgentID.next()
        let tenant = tenant
        let subscriptions = [
            try live.subscribe(to: tenant, by: .somebody),
            try live.subscribe(to: tenant, by: .somebody, matching: EventFilter(types: [.leadCaptured])),
            try live.subscribe(to: tenant, by: .somebody, matching: EventFilter(agentID: agentID)),
        ]
        let seen = try await withThrowingTaskGroup(of: (Int, [LiveEvent]).self) { group in
            let (attached, attach) = AsyncStream.makeStream(of: Void.self)
            for (index, subscription) in subscriptions.enumerated() {
                group.addTask {
                    var events: [LiveEvent] = []
                    for try await item in subscription {
                        switch item {
                        case .cursor: attach.yield()
                        case .gap: Issue.record("nothing was lost")
                        case .event(let event):
                            events.append(event)
                            if event.payload.contains("fim") { return (index, events) }
                        }
                    }
                    return (index, events)
                }
            }
            var count = 0
            for await _ in attached {
                count += 1
                if count == subscriptions.count { break }
            }
            for number in 0..<100 {
                try await database.append(
                    [
                        .sample(number % 3 == 0 ? .leadCaptured : .toolCalled, agentID: number % 5 == 0 ? agentID : nil)
                    ],
                    to: tenant
                )
                if number % 2 == 0 {
                    try await database.append([.sample(.leadCaptured, agentID: agentID)], to: .next())
                }
                try await relay.relay()
                try await live.tick()
            }
            try await database.append([.sample(.leadCaptured, agentID: agentID, text: "fim")], to: tenant)
            try await relay.relay()
            try await live.tick()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(seen[0]?.count == 101)
        #expect(seen[1]?.count == 35)
        #expect(seen[1]?.allSatisfy { $0.type == .leadCaptured } == true)
        #expect(seen[2]?.count == 21)
        #expect(seen[2]?.allSatisfy { $0.agentID == agentID } == true)
        for events in seen.values { #expect(events.map(\.cursor.position) == events.map(\.cursor.position).sorted()) }
    }

    @Test("the service carries an event from its transaction to the reader")
    func service() async throws {
        let database = try TestDatabase.current
        let live = database.liveEvents()
        let relay = database.relay { live.poke() }
        let tenant = tenant
        let received = try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { try await live.run() }
            services.addTask { try await relay.run() }
            var reader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
            _ = try await reader.next()
            let sent = try await database.append([.sample(text: "olá")], to: tenant)
            relay.poke()
            // There may be heartbeats between.
            var event: LiveEvent?
            while event == nil, let item = try await reader.next() { event = item.event }
            services.cancelAll()
            // The hub has stopped: the reader is let go.
            while let item = try await reader.next() { #expect(item.event == nil) }
            return event?.id == sent[0] && event?.payload == #"{"text":"olá"}"#
        }
        #expect(received)
    }

    @Test("internal events move the cursor and are shown to nobody")
    func internalEvents() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        var reader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
        _ = try await reader.next()
        let revoked = EventType(rawValue: "access_revoked")
        try await database.append(
            [Event(revoked, data: [:], audience: .internal, occurredAt: WallClock.system.now()), .sample()],
            to: tenant
        )
        try await relay.relay()
        try await live.tick()
        #expect(try await reader.next()?.event?.type == .toolCalled)
    }

    @Test("a cursor of nowhere, of the future and of what is no longer kept gives a gap with its reason, then the head")
    func gaps() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        try await database.append((0..<5).map { _ in .sample() }, to: tenant)
        try await relay.relay()
        let entries = try await database.worker.query(SelectLog(position: 0, limit: 10))
        let (first, last) = (entries[0].cursor, entries[4].cursor)
        let forged = EventCursor(position: last.position, mark: last.mark ^ 1)
        let future = EventCursor(position: last.position + 1, mark: 0)
        try await expectGap(.unknown, after: "nonsense", last, live)
        try await expectGap(.unknown, after: forged.description, last, live)
        try await expectGap(.future, after: future.description, last, live)
        _ = try await database.administrator.execute(CutLog())
        try await expectGap(.expired, after: first.description, last, live)
        try await expectGap(.expired, after: EventCursor.beginning.description, last, live)
    }

    private func expectGap(
        _ reason: LiveItem.GapReason,
        after cursor: String,
        _ head: EventCursor,
        _ live: LiveEvents
    ) async throws {
        var reader = try live.subscribe(to: tenant, by: .somebody, after: cursor).makeAsyncIterator()
        #expect(try await reader.next() == .gap(reason))
        #expect(try await reader.next() == .cursor(head))
    }

    @Test("a hub that slept until the log was trimmed lets its readers go, and they are told when they come back")
    func trimmedWhileAsleep() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        try await database.append([.sample()], to: tenant)
        try await relay.relay()
        var reader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
        let cursor = try #require(try await reader.next()?.cursor)
        try await database.append([.sample(), .sample()], to: tenant)
        try await relay.relay()
        _ = try await database.administrator.execute(CutLog())
        try await live.tick()
        #expect(try await reader.next() == nil)
        let head = try #require(try await database.worker.queryFirst(SelectLogHead()))
        try await expectGap(.expired, after: cursor.description, head, live)
    }

    @Test("a heartbeat tells a reader that sees nothing where the log stands, with other tenants' events")
    func heartbeat() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        var reader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
        #expect(try await reader.next() == .cursor(.beginning))
        try await database.append([.sample(), .sample()], to: .next())
        try await relay.relay()
        try await live.tick()
        let head = try #require(try await database.worker.queryFirst(SelectLogHead()))
        let beating = Task {
            while !Task.isCancelled {
                for phase in 0..<LiveEvents.phases { live.beat(in: phase) }
                await Task.yield()
            }
        }
        #expect(try await reader.next() == .cursor(head))
        beating.cancel()
        await beating.value
        let own = try await database.append([.sample()], to: tenant)
        try await relay.relay()
        try await live.tick()
        #expect(try await reader.next()?.event?.id == own[0])
    }

    @Test("the service gives heartbeats by itself")
    func beatsByItself() async throws {
        let database = try TestDatabase.current
        let live = LiveEvents(
            worker: database.worker,
            database: database.tenants,
            heartbeat: .milliseconds(10),
            logger: TestDatabase.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { try await live.run() }
            var reader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
            for _ in 0..<3 {
                let item = try await reader.next()
                #expect(item == .cursor(.beginning))
            }
            services.cancelAll()
        }
    }

    @Test("a slow reader is cut off, slows nobody, and comes back with its cursor")
    func slowReader() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(bufferSize: 2_000), database.relay())
        let overflows = Mutex(0)
        var slowReader = try live.subscribe(to: tenant, by: .somebody) { overflows.withLock { $0 += 1 } }
            .makeAsyncIterator()
        var fastReader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
        #expect(try await slowReader.next() == .cursor(.beginning))
        _ = try await fastReader.next()
        var sent: [EventID] = []
        for _ in 0..<30 {
            sent += try await database.append([.sample(text: String(repeating: "x", count: 100))], to: tenant)
            try await relay.relay()
            try await live.tick()
            #expect(try await fastReader.next()?.event?.id == sent.last)
        }
        #expect(overflows.withLock(\.self) == 1)
        #expect(try await slowReader.next() == nil)
        let cursor = EventCursor.beginning
        var back = try live.subscribe(to: tenant, by: .somebody, after: cursor.description).makeAsyncIterator()
        #expect(try await back.next() == .cursor(cursor))
        for id in sent { try #require(try await back.next()?.event?.id == id) }
    }

    @Test("whom a revocation concerns is let go, waiting or still catching up; others read on")
    func revocation() async throws {
        let database = try TestDatabase.current
        let (live, relay) = (database.liveEvents(), database.relay())
        let other = Principal.named("user_other")
        var waiting = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
        var stranger = try live.subscribe(to: tenant, by: other).makeAsyncIterator()
        var elsewhere = try live.subscribe(to: .next(), by: .somebody).makeAsyncIterator()
        _ = try await (waiting.next(), stranger.next(), elsewhere.next())
        var early = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
        var revocations = Revocations()
        revocations.insert(.member(userID: "user_somebody"), of: tenant)
        live.close(revocations)
        #expect(try await waiting.next() == nil)
        // It had not asked for anything yet.
        #expect(try await early.next() == nil)
        let sent = try await database.append([.sample()], to: tenant)
        try await relay.relay()
        try await live.tick()
        #expect(try await stranger.next()?.event?.id == sent[0])

        revocations = Revocations()
        revocations.insert(.user(userID: "user_somebody"), of: .system)
        live.close(revocations)
        #expect(try await elsewhere.next() == nil)
        revocations.insert(.organization, of: tenant)
        live.close(revocations)
        #expect(try await stranger.next() == nil)
    }

    @Test("a reader that leaves, or whose task is cancelled, leaves nothing behind")
    func leaving() async throws {
        let database = try TestDatabase.current
        let live = database.liveEvents()
        do {
            var reader = try live.subscribe(to: tenant, by: .somebody).makeAsyncIterator()
            _ = try await reader.next()
            #expect(live.subscriberCount == 1)
        }
        #expect(live.subscriberCount == 0)
        let tenant = tenant
        let readers = (0..<50).map { _ in
            Task { for try await _ in try live.subscribe(to: tenant, by: .somebody) {} }
        }
        try await until { live.subscriberCount == readers.count }
        for reader in readers { reader.cancel() }
        for reader in readers { _ = await reader.result }
        #expect(live.subscriberCount == 0)
    }
}

extension LiveItem {
    var cursor: EventCursor? {
        if case .cursor(let cursor) = self { cursor } else { nil }
    }

    var event: LiveEvent? {
        if case .event(let event) = self { event } else { nil }
    }
}
