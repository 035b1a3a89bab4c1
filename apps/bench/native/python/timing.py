"""How long the decoder of the official Python client takes for the frames of a file, as JSON on stdout.

The file: for each frame its length (u32, big-endian) and its bytes.
"""

import json
import struct
import sys
import time

from kiteconnect import KiteTicker

ROUNDS = 5
SAMPLE_NS = 20_000_000


def read_frames(path):
    with open(path, "rb") as file:
        content = file.read()
    frames, at = [], 0
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        frames.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    return frames


def light(tick):
    return tick["instrument_token"] + tick["last_price"]


def heavy(tick):
    total = light(tick) + sum(tick["ohlc"].values()) + tick["change"]
    total += tick["last_traded_quantity"] + tick["average_traded_price"] + tick["volume_traded"]
    total += tick["total_buy_quantity"] + tick["total_sell_quantity"]
    total += tick["exchange_timestamp"].timestamp() + tick["last_trade_time"].timestamp()
    total += tick["oi"] + tick["oi_day_high"] + tick["oi_day_low"]
    for side in tick["depth"].values():
        for level in side:
            total += level["quantity"] + level["price"] + level["orders"]
    return total


def ns_per_tick(ticker, frames, read):
    ticks = sum(struct.unpack_from(">H", frame)[0] for frame in frames)
    rounds = []
    for _ in range(ROUNDS + 1):
        start, passes = time.perf_counter_ns(), 0
        while passes == 0 or time.perf_counter_ns() - start < SAMPLE_NS:
            # The client's own decoder of a frame: a method that needs no connection.
            for frame in frames:
                for tick in ticker._parse_binary(frame):
                    read(tick)
            passes += 1
        rounds.append((time.perf_counter_ns() - start) / (passes * ticks))
    # The first is the warm-up.
    return sorted(rounds[1:])[ROUNDS // 2]


frames = read_frames(sys.argv[1])
ticker = KiteTicker("key", "token")
print(json.dumps({f"frame {read.__name__}": ns_per_tick(ticker, frames, read) for read in (light, heavy)}))
