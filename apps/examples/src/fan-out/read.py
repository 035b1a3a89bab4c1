"""Reads a feed over the bus: pip install nats-py, then python3 read.py localhost:4222 408065 256265"""

import asyncio
import struct
import sys

import nats

# version, flags, account, connection, epoch, sequence, previous, received at (Unix milliseconds)
HEAD = struct.Struct(">BBBBIIIQ")
DIVISORS = {3: 10_000_000, 6: 10_000, 12: 10_000}  # by the token's last byte; all others have 100


def decode(message):
    """The fields of the head, and the instrument token and last price of the packet behind it."""
    token, price = struct.unpack_from(">Ii", message, HEAD.size)
    return HEAD.unpack_from(message), token, price / DIVISORS.get(token & 0xFF, 100)


VECTOR = "01010201deadbeef00000007000000030000018c42d3cd4b0003e909001feab9"
assert decode(bytes.fromhex(VECTOR)) == ((1, 1, 2, 1, 0xDEADBEEF, 7, 3, 1701928226123), 256265, 20917.05)


async def main(server, *tokens):
    last = {}

    async def tick(message):
        (version, _, _, _, epoch, sequence, previous, received_at), token, price = decode(message.data)
        if version != 1:
            return
        before = last.get((token, epoch))
        if before is not None and sequence <= before:
            return  # it was sent again
        if before is not None and previous != before:
            print(token, "packets are missing", flush=True)
        last[token, epoch] = sequence
        print(token, price, received_at, flush=True)

    bus = await nats.connect(server)
    for token in tokens:
        await bus.subscribe(f"kite.t.*.*.{token}", cb=tick)
    await asyncio.Event().wait()


try:
    asyncio.run(main(*sys.argv[1:]))
except KeyboardInterrupt:
    pass
