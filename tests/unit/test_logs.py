import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from scheduler import logs

SECRET = "s3cr3t-value-of-a-key"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Logging goes to this text while a test runs, and as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    target = io.StringIO()
    logs.configure(level=logging.DEBUG, stream=target)
    yield target
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Read what was logged."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_without_a_terminal_every_record_is_one_json_object_a_line(stream: io.StringIO) -> None:
    """Our records and those of libraries are JSON with time, level and event first."""
    structlog.get_logger("tidegate").info("run_finished", exit_code=0)
    logging.getLogger("some.library").warning("it took %d s", 3)
    ours, theirs = lines(stream)
    assert list(ours)[:3] == ["timestamp", "level", "event"]
    assert ours["exit_code"] == 0
    assert theirs["event"] == "it took 3 s"


def test_secrets_and_personal_data_are_removed_by_key(stream: io.StringIO) -> None:
    """Whatever is logged under such a name is not shown, however deep it lies."""
    structlog.get_logger().info(
        "x", secret_key="abcdefgh", headers={"Authorization": "TC3 …"}, customers=[{"email": "a@b.c", "mobile": "1"}]
    )
    text = stream.getvalue()
    assert "abcdefgh" not in text
    assert "TC3" not in text
    assert "a@b.c" not in text


def test_known_secret_values_are_removed_everywhere(stream: io.StringIO) -> None:
    """A value that was learnt shows up in no message, fact, library record or traceback."""
    logs.REDACTION.learn([SECRET])
    structlog.get_logger().info("note", said=f"key {SECRET}", deep=[{"x": SECRET}])
    logging.getLogger("some.library").error("sent %s", SECRET)
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("some.library").exception("broken")
        structlog.get_logger().exception("broken", value=SECRET)
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().count(logs.REDACTED) >= 5


def test_short_values_are_no_secrets(stream: io.StringIO) -> None:
    """A value of a few characters would redact half of every line."""
    logs.REDACTION.learn(["us", ""])
    structlog.get_logger().info("status")
    assert lines(stream)[0]["event"] == "status"


def test_the_sdks_are_kept_quiet(stream: io.StringIO) -> None:
    """Tencent's SDK prints whole requests with their Authorization at DEBUG; here it never does."""
    logging.getLogger("tencentcloud_sdk_common").debug("Authorization: TC3-HMAC-SHA256 …")
    logging.getLogger("urllib3.connectionpool").debug("POST /")
    logging.getLogger("HuaweiCloud-SDK-BssintlClient").info("GET /")
    assert stream.getvalue() == ""


def test_our_handler_carries_the_filter(stream: io.StringIO) -> None:
    """What libraries log is redacted before it is formatted, too."""
    handlers = [each for each in logging.getLogger().handlers if getattr(each, "stream", None) is stream]
    assert [logs.REDACTION in each.filters for each in handlers] == [True]


def test_on_a_terminal_lines_are_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets readable lines, redacted all the same."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    target = io.StringIO()
    monkeypatch.setattr(target, "isatty", lambda: True)
    logs.REDACTION.learn([SECRET])
    logs.configure(level=logging.INFO, stream=target)
    structlog.get_logger().info("run_finished", note=SECRET)
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()
    assert "run_finished" in target.getvalue()
    assert not target.getvalue().startswith("{")
    assert SECRET not in target.getvalue()
