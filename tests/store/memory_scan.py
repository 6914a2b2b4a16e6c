"""Run by test_store_memory.py in a process of its own: fills a store, purges it, scans the memory for what was in it.

Prints one JSON object: how many distinct canaries a scan found before and after the purge.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import threading

from store_rows import wait_for_work

from testkey_nb.clock import ManualClock
from testkey_nb.errors import Expired
from testkey_nb.store import Store

COUNT = 20_000
# built at run time from two parts, so that the pattern itself is no canary
HEAD = b"CANARY" + b"-EXAMPLE-"


def canary(kind: str, number: int) -> str:
    return f"{HEAD.decode()}{kind}-{number:06d}"


def scan(kind: str) -> int:
    """Distinct canaries of a kind in all writable memory of this process."""
    pattern = re.compile(HEAD + kind.encode() + rb"-(\d{6})")
    found: set[bytes] = set()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        places = [line.split()[:2] for line in maps if "[vvar" not in line and "[vsyscall" not in line]
        for span, rights in places:
            if not rights.startswith("rw"):
                continue
            start, end = (int(one, 16) for one in span.split("-"))
            while start < end:
                size = min(end - start, 1 << 24)
                try:
                    memory.seek(start)
                    part = bytearray(memory.read(size))
                except (OSError, ValueError):
                    break
                found |= {int(one[1]).to_bytes(4, "big") for one in pattern.finditer(part)}
                part[:] = bytes(len(part))  # what the scan read must not be found by its next step
                start += size
    return len(found)


def fill(store: Store, kind: str, run: str | None = None) -> str:
    run = run or store.open_run()
    store.insert(run, "keys", [{"key_id": "k1", "label": "prod"}])
    store.insert(
        run,
        "exchanges",
        [
            {"exchange_id": str(n), "key_id": "k1", "body_excerpt": canary(kind, n), "outcome": "ok"}
            for n in range(COUNT)
        ],
    )
    return run


def read(store: Store) -> int:
    return len(store.frame("exchanges")) + len(
        store.sql("PIVOT (FROM exchanges LIMIT 50) ON body_excerpt USING count(*)")
    )


def settle() -> None:
    gc.collect()


def main(case: str) -> dict[str, int]:
    clock = ManualClock()
    store = Store(clock=clock.now, monotonic=clock.steady)
    if case in ("partial", "quiet"):
        store.insert(store.open_run(), "keys", [{"key_id": "k0"}])  # another run lives on
    run = fill(store, "A")
    read(store)
    settle()
    before = scan("A")
    if case == "timer":
        # the thread that watches the clocks purges, and says so when it is done
        purged = threading.Event()
        store.on_purge(lambda _: purged.set())
        clock.move(300)
        purged.wait(60)
        settle()
        return {"before": before, "after": scan("A")}
    if case in ("running", "partial"):
        slow = "SELECT count(*) FROM exchanges, range(4000000000) WHERE hash(range) = 1"
        ended: list[str] = []

        def query() -> None:
            try:
                store.sql(slow)
            except Expired:
                ended.append("expired")

        thread = threading.Thread(target=query, daemon=True)
        thread.start()
        wait_for_work()
    store.purge(run) if case in ("partial", "quiet") else store.purge()
    settle()
    result = {"before": before, "after": scan("A")}
    if case in ("partial", "quiet"):
        result["left"] = len(store.frame("keys"))
        store.close()
    if case == "running":
        thread.join(5)
        result["expired"] = len(ended)
    return result


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
