"""Events of several organisations, committed and rolled back by many transactions at a time, and their log."""

import asyncio
import os
import resource
import subprocess
from typing import NamedTuple

from server import Client

TYPES = ["conversation_started", "lead_captured", "conversion_recorded"]
WRITERS = 4


class Organization:
    def __init__(self, server, number):
        self.clerk_id = f"{server.organization}_{number}"
        self.token = server.token_of(self.clerk_id)
        # The first request of an organisation that nobody has heard of makes it.
        Client(server.port, self.token).api("GET", "/agents")
        self.tenant = query(f"SELECT tenant_id FROM tenancy.organization WHERE clerk_id = '{self.clerk_id}'").strip()


class Event(NamedTuple):
    position: int
    tenant: str
    id: str
    type: str
    is_told: bool


class Writer:
    """Appends as the program does: an event and that it waits for its position, in the transaction of its effect."""

    def __init__(self, organizations, random, length=4):
        """`length` is of each event's text."""
        self.organizations = organizations
        self.random = random
        self.length = length
        self.committed = 0

    async def write(self, count):
        """So many events are committed; some more are rolled back, and one in twenty is for nobody to hear."""
        goal = self.committed + count
        scripts = [[] for _ in range(WRITERS)]
        while self.committed < goal:
            self.random.choice(scripts).append(self._transaction())
        await asyncio.gather(*(asyncio.to_thread(query, "\n".join(script)) for script in scripts))
        while query("SELECT count(*) FROM events.pending").strip() != "0":
            await asyncio.sleep(0.05)

    def _transaction(self):
        tenant = self.random.choice(self.organizations).tenant
        size = self.random.randint(1, 5)
        rows = ", ".join(
            f"('{self.random.choice(TYPES)}', '{'internal' if self.random.random() < 0.05 else 'tenant'}')"
            for _ in range(size)
        )
        is_committed = self.random.random() < 0.9
        if is_committed:
            self.committed += size
        return f"""
            BEGIN;
            WITH written AS (
                INSERT INTO events.event (tenant_id, id, type, audience, payload, occurred_at)
                SELECT '{tenant}', gen_random_uuid(), type, audience, '{{"text": "' || repeat('á', {self.length}) || '"}}', now()
                FROM (VALUES {rows}) AS given (type, audience)
                RETURNING id
            )
            INSERT INTO events.pending (tenant_id, event_id) SELECT '{tenant}', id FROM written;
            SELECT pg_sleep({self.random.random() / 100:.4f});
            {"COMMIT" if is_committed else "ROLLBACK"};
        """

    async def log(self):
        """All events of the organisations, in the order of their positions."""
        tenants = ", ".join(f"'{organization.tenant}'" for organization in self.organizations)
        rows = await asyncio.to_thread(
            query,
            f"""
            SELECT l.position, l.tenant_id, l.event_id, e.type, e.audience = 'tenant'
            FROM events.log l JOIN events.event e ON e.tenant_id = l.tenant_id AND e.id = l.event_id
            WHERE l.tenant_id IN ({tenants}) ORDER BY l.position
            """,
        )
        cells = (line.split("|") for line in rows.splitlines())
        return [Event(int(place), tenant, id, type, told == "t") for place, tenant, id, type, told in cells]


def query(script):
    """What a script of any number of statements prints."""
    psql = os.path.join(os.environ["TEST_POSTGRES_PROGRAMS"], "psql")
    command = [psql, os.environ["TEST_DATABASE_URL"], "-XqAt", "-v", "ON_ERROR_STOP=1"]
    return subprocess.run(command, input=script, check=True, stdout=subprocess.PIPE, text=True).stdout


def open_descriptors(count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(count, 1024) if hard < 0 else min(count, hard), hard))
