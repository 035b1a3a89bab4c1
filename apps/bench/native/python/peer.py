"""Receives from a server by the official Python client until nothing comes any more, and prints what it measured as JSON.

Arguments: the URL, whether frames are stamped (true or false), ticks a frame, and the warm-up in milliseconds.
"""

import json
import os
import resource
import sys
import time

from kiteconnect import KiteTicker

QUIET_S = 2

url, stamped, _, warm_up_ms = sys.argv[1:5]
is_stamped = stamped == "true"
state = {"ticks": 0, "is_measuring": False}
latencies = []


def cpu_micros():
    return time.process_time_ns() / 1000


def on_ticks(_, ticks):
    state["ticks"] += len(ticks)
    if is_stamped and state["is_measuring"]:
        now = time.monotonic_ns() // 1000
        latencies.append(((now - ticks[0]["volume_traded"]) & 0xFFFFFFFF) / 1000)


def quantile(share):
    return latencies[min(len(latencies) - 1, int(len(latencies) * share))] if latencies else None


ticker = KiteTicker("key", "token", root=url)
ticker.on_ticks = on_ticks
ticker.connect(threaded=True)
while state["ticks"] == 0:
    time.sleep(0.02)
time.sleep(int(warm_up_ms) / 1000)
warm, warm_ticks = cpu_micros(), state["ticks"]
state["is_measuring"] = True
used, before, since = warm, 0, time.monotonic()
while time.monotonic() - since < QUIET_S:
    if state["ticks"] != before:
        before, since, used = state["ticks"], time.monotonic(), cpu_micros()
    time.sleep(0.05)
latencies.sort()
print(
    json.dumps(
        {
            "ticks": state["ticks"],
            "dropped": 0,
            "cpuMicros": (used - warm) / max(1, state["ticks"] - warm_ticks),
            "latency": {"p50": quantile(0.5), "p99": quantile(0.99), "p999": quantile(0.999)},
            "memoryMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    ),
    flush=True,
)
# The client's thread cannot be ended from outside.
os._exit(0)
