"""No-op jobs of procrastinate, as they come: enqueued one transaction each, then done by one worker.

    procrastinate_jobs.py JOBS CONNECTIONS CONCURRENCY     in the database of PROCRASTINATE_URL, which is its own

Prints jobs per second, from the first enqueued to the last one done; then those enqueued and those done per second of their
own time, and those enqueued per second in batches of 500.
"""

import asyncio
import os
import sys
import time

from procrastinate import App, PsycopgConnector

BATCH = 500


async def main(jobs, connections, concurrency):
    connector = PsycopgConnector(
        conninfo=os.environ["PROCRASTINATE_URL"], min_size=connections, max_size=connections
    )
    app = App(connector=connector)
    calls = 0

    @app.task(name="no_op", queue="bench")
    async def no_op():
        nonlocal calls
        calls += 1

    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        remaining = iter(range(jobs))

        async def enqueue():
            for _ in remaining:
                await no_op.defer_async()

        async def work():
            await app.run_worker_async(
                queues=["bench"], concurrency=concurrency, wait=False, install_signal_handlers=False
            )

        start = time.monotonic()
        await asyncio.gather(*(enqueue() for _ in range(connections)))
        enqueued = time.monotonic()
        await work()
        done = time.monotonic()
        counts = await connector.execute_query_one_async(
            "SELECT count(*) FILTER (WHERE status = 'succeeded') AS succeeded, count(*) AS total FROM procrastinate_jobs"
        )
        if not calls == counts["succeeded"] == counts["total"] == jobs:
            raise SystemExit(f"of {jobs} jobs {calls} were done: {counts}")
        batches = max(1, jobs // BATCH)
        start_batched = time.monotonic()
        for _ in range(batches):
            await no_op.batch_defer_async(*[{}] * BATCH)
        batched = batches * BATCH / (time.monotonic() - start_batched)
        await connector.execute_query_async("TRUNCATE procrastinate_jobs CASCADE")
    print(f"{jobs / (done - start):.1f} {jobs / (enqueued - start):.1f} {jobs / (done - enqueued):.1f} {batched:.1f}")


asyncio.run(main(*map(int, sys.argv[1:])))
