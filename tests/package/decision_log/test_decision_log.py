"""The decision log: one chain, one writer, acknowledged when on disk, checkpointed elsewhere."""

import asyncio
import errno
import os
import shutil

import pytest

from redoubt import chain
from redoubt.errors import Refused, Unavailable
from redoubt.serving import journal
from redoubt.serving.decision_log import LogFailed


async def many(log, n):
    return await asyncio.gather(*(log.append({"number": number}) for number in range(n)))


def test_concurrent_appends_get_consecutive_numbers_and_a_chain_that_verifies(place):
    log = place.opened()

    async def run():
        got = await many(log, 200)
        await log.aclose()
        return got

    assert asyncio.run(run()) == list(range(200))
    assert place.verified().count == 200


def test_one_fdatasync_serves_every_caller_that_waits(place, monkeypatch):
    log, calls, sync = place.opened(), [], os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda handle: (calls.append(1), sync(handle)))
    asyncio.run(many(log, 500))
    log.close()
    assert len(calls) <= 3


def test_an_acknowledged_decision_is_inside_what_was_synced(place, monkeypatch):
    log, synced, sync = place.opened(), {}, os.fdatasync

    def noting(handle):
        sync(handle)
        path = os.readlink(f"/proc/self/fd/{handle}")
        synced[path] = os.fstat(handle).st_size

    def durable():
        return b"".join(open(path, "rb").read(size) for path, size in sorted(synced.items()))

    async def client(number):
        seq = await log.append({"number": number})
        return f'"seq":{seq},'.encode() in durable()

    async def run():
        return [all(await asyncio.gather(*map(client, range(40)))) for _ in range(5)]

    monkeypatch.setattr(os, "fdatasync", noting)
    assert asyncio.run(run()) == [True] * 5
    log.close()


def test_a_cancelled_caller_cancels_nobody_else_and_its_decision_stays(place):
    log = place.opened()

    async def run():
        tasks = [asyncio.create_task(log.append({"number": n})) for n in range(20)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await log.aclose()
        return results

    results = asyncio.run(run())
    assert isinstance(results.pop(3), asyncio.CancelledError)
    assert results == [n for n in range(20) if n != 3]
    assert place.verified().count == 20


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_a_disk_error_is_final_and_nothing_is_acknowledged(place, monkeypatch, code, call):
    log = place.opened()
    log.append_many([{"number": 0}])

    def broken(*_):
        raise OSError(code, os.strerror(code))

    async def run():
        return await asyncio.gather(
            *(log.append({"n": n}) for n in range(5)), return_exceptions=True
        )

    with monkeypatch.context() as patch:
        patch.setattr(os, call, broken)
        results = asyncio.run(run())
    assert [type(result) for result in results] == [LogFailed] * 5
    assert os.strerror(code) in log.failure
    with pytest.raises(LogFailed, match="has stopped"):
        asyncio.run(log.append({"after": "the disk came back"}))
    log.close()
    again = place.opened()
    assert again.count >= 1
    again.close()


def test_a_real_full_disk_ends_the_log_and_a_restart_keeps_what_was_acknowledged(place):
    if not os.path.exists("/dev/full"):
        pytest.fail("this test needs /dev/full, which every Linux has")
    log = place.opened()
    log.append_many([{"number": 0}])
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._journal._handle)
    os.close(full)
    with pytest.raises(LogFailed, match="No space left"):
        log.append_many([{"number": 1}])
    log.close()
    assert place.verified().count == 1


def test_a_folder_that_cannot_be_written_is_said_before_serving(place, monkeypatch):
    real = os.open

    def read_only(path, flags, *rest, **options):
        if flags & (os.O_WRONLY | os.O_RDWR) and "decisions" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(Unavailable, match=r"decisions: Read-only file system.*make the folder"):
        place.opened()


def test_a_torn_last_line_is_cut_and_the_chain_goes_on(place):
    (path,) = place.filled(3)
    with path.open("ab") as stream:
        stream.write(b'{"seq":3,"prev":"abc')
    log = place.opened()
    assert list(log.append_many([{"number": 3}])) == [3]
    log.close()
    assert place.verified().count == 4


def test_a_second_writer_is_refused_and_the_first_goes_on(place):
    log = place.opened()
    with pytest.raises(Unavailable, match="Another process writes decisions"):
        place.opened()
    assert list(log.append_many([{"number": 0}])) == [0]
    log.close()
    place.opened().close()


def test_segments_carry_the_head_over_and_a_restart_continues_in_the_last(place):
    paths = place.filled(50, segment_bytes=1000)
    assert len(paths) >= 5
    log = place.opened(segment_bytes=1000)
    assert log.count == 50
    assert list(log.append_many([{"number": 50}])) == [50]
    log.close()
    assert place.verified().count == 51
    assert [line["number"] for _, _, line in journal.walk(place.folder)] == list(range(51))


def test_a_start_reads_only_the_segments_since_the_checkpoint(place, monkeypatch):
    place.filled(50, segment_bytes=1000)
    seen, read = [], chain.read
    monkeypatch.setattr(
        chain, "read", lambda path, start: (seen.append(path), read(path, start))[1]
    )
    place.opened().close()
    assert seen == journal.segments(place.folder)[-1:]


def test_a_new_day_starts_a_new_segment(place, monkeypatch):
    log = place.opened()
    log.append_many([{"number": 0}])
    tomorrow = journal.clock.now().replace(year=2100)
    monkeypatch.setattr(journal.clock, "now", lambda: tomorrow)
    log.append_many([{"number": 1}])
    log.append_many([{"number": 2}])
    log.close()
    assert [path.stem for path in journal.segments(place.folder)] == [
        "000000000000",
        "000000000001",
    ]


def test_a_checkpoint_is_written_every_n_decisions_after_a_while_and_at_the_end(place):
    def covered():
        return chain.read_checkpoint(place.checkpoint, "decisions", place.anchors).count

    def soon(count):
        for _ in range(200):
            if covered() == count:
                return True
            asyncio.run(asyncio.sleep(0.02))
        return False

    log = place.opened(every=10, seconds=0.3)
    assert covered() == 0
    log.append_many([{"number": n} for n in range(10)])
    assert soon(10)
    log.append_many([{"late": True}])
    assert soon(11)
    log.append_many([{"last": True}])
    log.close()
    assert covered() == 12


def test_a_second_place_that_stays_away_ends_the_log_after_ten_intervals(place):
    log = place.opened(every=5, seconds=0.05)
    shutil.rmtree(place.checkpoint.parent)
    place.checkpoint.parent.write_text("not a folder")
    log.append_many([{"number": n} for n in range(10)])
    for _ in range(100):
        if log.checkpoint_error:
            break
        asyncio.run(asyncio.sleep(0.02))
    assert "Cannot write" in log.checkpoint_error
    log.append_many([{"still": "within ten intervals"}])
    with pytest.raises(LogFailed, match="no checkpoint for"):
        log.append_many([{"number": n} for n in range(50)])
    with pytest.raises(Unavailable):
        log.close()


def test_nobody_but_the_owner_can_reach_the_log(place):
    old = os.umask(0)
    try:
        (path,) = place.filled(2)
    finally:
        os.umask(old)
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    for look in (place.verified, place.opened):
        with pytest.raises(Refused, match=r"open to others \(mode 640\)"):
            look()


def test_a_line_starts_with_its_number_and_link_and_cannot_be_told_another(place):
    (path,) = place.filled(1)
    assert path.read_bytes().startswith(b'{"seq":0,"prev":"' + b"0" * 64 + b'"')
    log = place.opened()
    with pytest.raises(ValueError, match="seq"):
        log.append_many([{"seq": 7}])
    with pytest.raises(TypeError):
        log.append_many([{"not JSON": object()}])
    assert list(log.append_many([{"number": 1}])) == [1]
    log.close()
    assert place.verified().count == 2


def test_a_line_that_is_being_written_is_not_yet_part_of_a_living_log(place):
    log = place.opened()
    log.append_many([{"number": 0}])
    (path,) = journal.segments(place.folder)
    with path.open("ab") as stream:
        stream.write(b'{"seq":1,"prev"')
    assert place.verified().count == 1
    log.close()
    with pytest.raises(chain.TornLine):
        place.verified()


def test_a_clock_before_the_checkpoint_is_refused(place, monkeypatch):
    place.filled(1)
    earlier = journal.clock.now().replace(year=2000)
    monkeypatch.setattr(journal.clock, "now", lambda: earlier)
    with pytest.raises(Refused, match="before the newest record"):
        place.opened()
