"""The median of the milliseconds that claims of jobs took to execute, out of a log of Postgres on the standard input."""

import re
import statistics
import sys

entries = re.split(r"^(?=\w*\|[^|]*\|\w+: )", sys.stdin.read(), flags=re.MULTILINE)
times = [
    float(match[1])
    for entry in entries
    if (match := re.match(r"agentes_worker\|[^|]*\|LOG:  duration: ([0-9.]+) ms  execute ", entry))
    and "UPDATE jobs.job" in entry
    and "WITH RECURSIVE" in entry
]
if len(times) < 10:
    raise SystemExit(f"the log has {len(times)} claims")
print(statistics.median(times))
