"""python -m bench.webhooks: deliveries per second to a local receiver, while another endpoint never answers.

Both endpoints get the same events, each about another person. The time begins with the sender and includes reading the
audit trail, signing, and saving each attempt. The floor is httpx alone that posts the same bodies to the same receiver
with the same number of concurrent requests. The receiver is a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import SimpleNamespace

import httpx
from sqlalchemy import func, select

from bench.instances import BENCH, SERVER, Instance, temporary_instance
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.webhooks.endpoint_queue import CONCURRENCY
from webapp.webhooks.models import Delivery
from webapp.webhooks.payloads import body_of, select_payloads
from webapp.webhooks.sender import Sender
from webapp.webhooks.services import create_endpoint

PATIENCE_SECONDS = 300
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks")
    parser.add_argument("--deliveries", type=int, default=5000)
    parser.add_argument("--engines", default="postgresql,sqlite")
    parser.add_argument("--server", default=SERVER)
    args = parser.parse_args()
    print("| engine | deliveries | Rollcall, per second | bare httpx, per second | ratio |")
    print("|---|---:|---:|---:|---:|")
    for engine in args.engines.split(","):
        with temporary_instance(engine, 10, server=args.server) as instance, receiver() as ports:
            seconds, bodies = deliver(instance, args.deliveries, *ports)
            floor = asyncio.run(post_bare(f"http://127.0.0.1:{ports[0]}/", bodies))
            ours, bare = args.deliveries / seconds, len(bodies) / floor
            print(f"| {engine} | {args.deliveries:,} | {ours:,.0f} | {bare:,.0f} | {ours / bare:.2f} |", flush=True)


def deliver(instance: Instance, count: int, port: int, silent_port: int) -> tuple[float, Sequence[str]]:
    """Return the seconds until each event has reached the endpoint that answers, and the bodies."""
    app = instance.app
    app.registry.settings = app.settings.model_copy(update={"webhook_allowed_networks": ["127.0.0.0/8"]})
    with app.app_context():
        addresses = [f"http://127.0.0.1:{each}/" for each in (port, silent_port)]
        answering, _silent = [
            create_endpoint(url=each, events=["user.updated"], by=BENCH).endpoint.id for each in addresses
        ]
        _add_events(count)
        stopping = threading.Event()
        sender = Sender(app, stopping=stopping)
        began = time.monotonic()
        sender.start()
        delivered = select(func.count()).where(Delivery.endpoint_id == answering, Delivery.delivered_at.is_not(None))
        while time.monotonic() < began + PATIENCE_SECONDS:
            db.session.rollback()
            if db.session.scalar(delivered) == count:
                break
            time.sleep(0.2)
        seconds = time.monotonic() - began
        stopping.set()
        sender.join()
        rows = db.session.execute(select_payloads().where(Delivery.endpoint_id == answering)).all()
        return seconds, [body_of(row) for row in rows]


def _add_events(count: int) -> None:
    for start in range(0, count, 500):
        with transaction():
            for number in range(start, min(start + 500, count)):
                subject = SimpleNamespace(id=new_id(), name=f"Person {number}")
                changes = {"name": ("Before", f"Person {number}")}
                record(Action.USER_UPDATED, subject=subject, by=BENCH, changes=changes)


async def post_bare(url: str, bodies: Sequence[str]) -> float:
    waiting = iter(bodies)

    async def post() -> None:
        # One client with several connections is three times slower.
        async with httpx.AsyncClient(timeout=10, verify=False) as client:
            for body in waiting:
                await client.post(url, content=body.encode(), headers={"content-type": "application/json"})

    began = time.monotonic()
    await asyncio.gather(*(post() for _task in range(CONCURRENCY)))
    return time.monotonic() - began


@contextmanager
def receiver() -> Iterator[tuple[int, int]]:
    """Yield the ports of a server that answers each POST with 200, and of one that never answers."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(ports: Connection) -> None:
    asyncio.run(_serve_both(ports))


async def _serve_both(ports: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)

    servers = [await asyncio.start_server(each, "127.0.0.1", 0) for each in (answer, ignore)]
    ports.send(tuple(server.sockets[0].getsockname()[1] for server in servers))
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
