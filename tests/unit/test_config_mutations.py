"""However a good file is spoilt, the answer is settings, or faults with their places, never a crash."""

import re
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from scheduler.bootstrap import load
from scheduler.config import ConfigFaults, Fault, Settings

CANARY = "AKIDcanary0123456789"
AS_SHOWN = (Path(__file__).parents[2] / "config.example.toml").read_bytes()
# With its optional sections switched on: there is more in it to spoil.
EXAMPLE = re.sub(rb"^# (?=[a-z_]+ = |\[)(?!endpoint|observe_)", b"", AS_SHOWN, flags=re.MULTILINE)
LIMITS = b"""\
account,customer_id,kind,amount,on_exhaustion,name,allow_zero,top_up,top_up_max,next_amount,next_from,onboard
huawei-main,c1,monthly,100.00,restrict,"A, Ltd",,25,200,,,true
tencent-main,200000000011,credit_line,50.00,,B,true,,,80,2026-12-01,
"""
ENVIRONMENT = {
    "HUAWEI_ACCESS_KEY": CANARY,
    "HUAWEI_SECRET_KEY": CANARY,
    "TENCENT_SECRET_ID": CANARY,
    "TENCENT_SECRET_KEY": CANARY,
}
PIECES = [
    *(bytes([byte]) for byte in b"\n\r\t \"'=[]{}#,;.-+0\\\x00\xff"),
    *(
        b"true",
        b"nan",
        b"1e999",
        b"9" * 40,
        b'"""',
        b"[[limits]]",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xae",
        b"env:",
        b"1979-05-27",
    ),
]


def spoilt(content: bytes) -> st.SearchStrategy[bytes]:
    """Cut pieces out of a good file and put odd ones in, here and there."""
    place = st.integers(0, len(content))
    edits = st.lists(st.tuples(place, st.integers(0, 30), st.sampled_from(PIECES)), min_size=1, max_size=4)

    def edited(changes: list[tuple[int, int, bytes]]) -> bytes:
        result = content
        for at, length, piece in changes:
            result = result[:at] + piece + result[at + length :]
        return result

    return edits.map(edited)


@given(st.one_of(st.tuples(spoilt(EXAMPLE), st.just(LIMITS)), st.tuples(st.just(EXAMPLE), spoilt(LIMITS))))
def test_spoilt_files_end_in_settings_or_faults(files: tuple[bytes, bytes]) -> None:
    """Every outcome is a whole configuration, or faults that name a file, say something, and repeat no secret."""
    with tempfile.TemporaryDirectory() as name:
        outcome = loaded(Path(name), *files)
    assert CANARY not in repr(outcome)
    if isinstance(outcome, Settings):
        assert outcome.limits
        return
    assert outcome
    assert {fault.file for fault in outcome} <= {str(Path(name) / "config.toml"), "limits.csv"}
    assert all(fault.sentence for fault in outcome)


def loaded(folder: Path, config: bytes, limits: bytes) -> Settings | tuple[Fault, ...]:
    """Load both files from a folder."""
    (folder / "config.toml").write_bytes(config)
    (folder / "limits.csv").write_bytes(limits)
    try:
        return load(folder / "config.toml", environ=ENVIRONMENT)
    except ConfigFaults as error:
        return error.faults
