"""The adapter of the official Python client for `npx @kite/simulator conformance`."""

import datetime
import json
import logging
import os
import sys

from kiteconnect import KiteTicker

logging.basicConfig(stream=sys.stderr)
by_mode = {}
for one in os.environ["KITE_SUBSCRIPTIONS"].split(","):
    token, mode = one.split(":")
    by_mode.setdefault(mode, []).append(int(token))


def show(line):
    def time(value):
        # Without a zone, in that of the machine.
        return value.timestamp() if isinstance(value, datetime.datetime) else str(value)

    print(json.dumps(line, default=time), flush=True)


def subscribe(ws, _response):
    for mode, tokens in by_mode.items():
        ws.subscribe(tokens)
        ws.set_mode(mode, tokens)


ticker = KiteTicker(os.environ["KITE_API_KEY"], os.environ["KITE_ACCESS_TOKEN"], root=os.environ["KITE_URL"])
ticker.on_ticks = lambda ws, ticks: show(ticks)
ticker.on_order_update = lambda ws, order: show({"type": "order", "order": order})
ticker.on_error = lambda ws, code, reason: show({"type": "error", "message": f"{code} {reason}"})
ticker.on_connect = subscribe
ticker.connect()
