"""Prints what the official Python client makes of each frame of stdin as JSON. A frame comes after its length (u32, big-endian)."""

import datetime
import json
import struct
import sys

from kiteconnect import KiteTicker


def seconds(value):
    # Without a zone, in that of the machine.
    return value.timestamp() if isinstance(value, datetime.datetime) else str(value)


ticker = KiteTicker("key", "token")
read = sys.stdin.buffer.read
while head := read(4):
    (length,) = struct.unpack(">I", head)
    # The client's own decoder of a frame: a method that needs no connection.
    print(json.dumps(ticker._parse_binary(read(length)), default=seconds))
