"""What was done to a log afterwards: the verifier names the line, and a start refuses."""

import pytest

from redoubt import chain, signing
from redoubt.errors import Refused


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def edit(found, index):
    found[index] = found[index].replace(b'"number":', b'"number":9')


def delete(found, index):
    del found[index]


def reorder(found, index):
    found[index], found[index + 1] = found[index + 1], found[index]


def relink(found, index):
    found[index] = found[index].replace(b'"prev":"', b'"prev":"f')


@pytest.mark.parametrize("index", [0, 1, 7, 17])
@pytest.mark.parametrize("attack", [edit, delete, reorder, relink])
def test_the_verifier_points_at_the_line_that_was_changed(place, attack, index):
    (path,) = place.filled(20)
    found = lines(path)
    attack(found, index)
    path.write_bytes(b"".join(found))
    with pytest.raises(chain.ChainBroken) as refused:
        place.verified()
    assert refused.value.index == index


@pytest.mark.parametrize("attack", [edit, delete, reorder, relink])
def test_it_points_at_the_line_in_an_older_segment_too(place, attack):
    paths = place.filled(50, segment_bytes=1000)
    found = lines(paths[2])
    attack(found, 2)
    paths[2].write_bytes(b"".join(found))
    with pytest.raises(chain.ChainBroken) as refused:
        place.verified()
    assert refused.value.index == int(paths[2].stem) + 2


def test_an_edited_last_line_of_a_segment_is_the_one_accused(place):
    paths = place.filled(50, segment_bytes=1000)
    found = lines(paths[1])
    edit(found, -1)
    paths[1].write_bytes(b"".join(found))
    with pytest.raises(chain.ChainBroken) as refused:
        place.verified()
    assert refused.value.index == int(paths[2].stem) - 1


def test_an_edited_last_line_of_all_differs_from_the_checkpoint(place):
    (path,) = place.filled(20)
    found = lines(path)
    edit(found, 19)
    path.write_bytes(b"".join(found))
    with pytest.raises(chain.ChainBroken, match="line 19"):
        place.verified()


@pytest.mark.parametrize("kept", [0, 1, 19])
def test_a_dropped_tail_is_revealed_by_the_checkpoint_at_start_and_by_verify(place, kept):
    (path,) = place.filled(20)
    path.write_bytes(b"".join(lines(path)[:kept]))
    for look in (place.verified, place.opened):
        with pytest.raises(chain.ChainBroken) as refused:
            look()
        assert refused.value.index == kept


def test_a_dropped_last_segment_is_revealed_and_so_is_a_missing_middle_one(place):
    paths = place.filled(50, segment_bytes=1000)
    saved = paths[3].read_bytes()
    paths[3].unlink()
    with pytest.raises(chain.ChainBroken) as refused:
        place.verified()
    assert refused.value.index == int(paths[3].stem)
    paths[3].write_bytes(saved)
    paths[3].chmod(0o600)
    assert place.verified().count == 50
    paths[-1].unlink()
    with pytest.raises(chain.ChainBroken, match="checkpoint knows"):
        place.verified()


def test_a_log_without_its_checkpoint_or_with_a_forged_one_is_refused(place, tmp_path):
    place.filled(5)
    saved = place.checkpoint.read_text()
    place.checkpoint.unlink()
    with pytest.raises(Refused, match="no signed checkpoint"):
        place.opened()
    signing.create_development_keys(tmp_path / "other", tmp_path / "other.json")
    other = signing.LocalSigner(tmp_path / "other" / "checkpoint.pem")
    chain.write_checkpoint(place.checkpoint, "decisions", chain.Head(2, "0" * 64), other)
    with pytest.raises(Refused, match="signature does not verify"):
        place.opened()
    place.checkpoint.write_text(saved)
    place.opened().close()


def test_another_logs_checkpoint_is_refused(place):
    place.filled(5, name="decisions")
    chain.write_checkpoint(place.checkpoint, "ledger", chain.Head(), place.signer)
    with pytest.raises(Refused, match="checkpoint of 'ledger'"):
        place.opened()


def test_no_byte_can_be_changed_unseen(place):
    (path,) = place.filled(3)
    whole = path.read_bytes()
    unseen = []
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(bytes(changed))
        try:
            place.verified()
            unseen.append(position)
        except chain.ChainBroken:
            continue
    assert unseen == []
