"""How long a connection waits for its client: on a clock of our own, with uvicorn's real protocol."""

import asyncio
from types import SimpleNamespace
from unittest import mock

import pytest
import uvicorn
from uvicorn.server import ServerState

from redoubt.serving import connection, policy

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
REQUEST, IDLE = 15.0, 30.0


class Transport(asyncio.Transport):
    """Remembers whether it was cut off."""

    aborted = False

    def get_extra_info(self, name, default=None):
        return default

    def is_closing(self):
        return self.aborted

    def abort(self):
        self.aborted = True

    def write(self, data):
        """Throw it away."""

    def pause_reading(self):
        """Read on."""

    resume_reading = close = pause_reading


class Clock:
    """A loop with a clock that moves when it is told to, and answers that end when they are told to."""

    def __init__(self):
        self.now, self.calls, self.cycles = 0.0, [], []

    def time(self):
        return self.now

    def call_later(self, seconds, call):
        handle = SimpleNamespace(at=self.now + seconds, call=call, cancel=lambda: None)
        self.calls.append(handle)
        return handle

    def create_task(self, coroutine):
        coroutine.close()
        return mock.Mock()

    def pass_(self, seconds):
        end = self.now + seconds
        while due := [handle for handle in self.calls if handle.at <= end]:
            first = min(due, key=lambda handle: handle.at)
            self.calls.remove(first)
            self.now = first.at
            first.call()
        self.now = end


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    """Return a connection that was made just now."""
    config = uvicorn.Config(
        lambda scope, receive, send: asyncio.sleep(0), interface="asgi3", ws="none",
        timeout_keep_alive=int(IDLE), log_config=None, lifespan="off",
    )  # fmt: skip
    config.load()
    made = connection.patient(REQUEST)(config, ServerState(), {}, clock)
    made.connection_made(Transport())
    return made


def answer(client):
    client.cycle.response_complete = True
    client.on_response_complete()


@pytest.mark.parametrize(("start", "drop"), [(b"", b""), (b"", b"\r\n"), (GET[:-2] + b"a:", b"b")])
def test_a_client_that_never_asks_is_cut_whatever_it_sends(clock, client, start, drop):
    client.data_received(start)
    for _ in range(int(REQUEST) - 1):
        clock.pass_(1)
        client.data_received(drop)
    assert not client.transport.aborted
    clock.pass_(2)
    assert client.transport.aborted


def test_a_body_that_is_not_whole_in_time_is_cut_though_it_was_answered(clock, client):
    client.data_received(POST)
    answer(client)
    for _ in range(4):
        clock.pass_(3)
        client.data_received(b"x")
    assert not client.transport.aborted
    clock.pass_(4)
    assert client.transport.aborted


def test_each_request_has_its_time_anew(clock, client):
    for _ in range(5):
        client.data_received(POST[:9])
        clock.pass_(REQUEST - 1)
        client.data_received(POST[9:] + b"12345")
        answer(client)
    assert not client.transport.aborted


def test_between_requests_blank_lines_buy_no_time(clock, client):
    client.data_received(GET)
    answer(client)
    for _ in range(int(IDLE) - 1):
        clock.pass_(1)
        client.data_received(b"\r\n")
    assert not client.transport.aborted
    clock.pass_(2)
    assert client.transport.aborted


def test_an_answer_that_is_not_read_is_given_up(clock, client):
    client.data_received(GET)
    clock.pass_(IDLE - 1)
    assert not client.transport.aborted
    clock.pass_(2)
    assert client.transport.aborted


def test_a_lost_connection_looks_no_more(clock, client):
    cancelled = []
    client._timer.cancel = lambda: cancelled.append(True)
    client.connection_lost(None)
    assert cancelled == [True]


def test_a_project_may_only_be_less_patient(tmp_path):
    assert policy.load(tmp_path, 1, ()).request_seconds == REQUEST
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "serving.yml").write_text("numbers: {patience: {request_seconds: 60}}")
    with pytest.raises(policy.limits.BadInput, match="looser"):
        policy.load(tmp_path, 1, ())
