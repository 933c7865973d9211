"""Channels: texts reach real services on loopback as plain text, once; no key is seen when they do not."""

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import apprise
import pytest
import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu

from adapters.notify import AppriseNotifier, InMemoryNotifier, channel_fault, channel_note, key_parts, notifier
from adapters.notify import service as channels
from adapters.notify.answers import Findings
from core.errors import NotifyFailedError, NotifyStoppedError, NotifyUnclearError
from core.ports import Notifier
from tests.unit.notify_rig import CANARIES, Hook, MailSink, hook, mail_sink

SLACK = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7aB"


@pytest.fixture
def service() -> Iterator[Hook]:
    """Give a web service."""
    with hook() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailSink]:
    """Give a mail server."""
    with mail_sink() as server:
        yield server


def why_not(tried: Notifier, channel: str = "ops") -> str:
    """Send, and give the reason why it failed."""
    with pytest.raises(NotifyFailedError) as caught:
        tried.send(channel, title="Tidegate: test", body="body", critical=True)
    assert caught.value.channel == channel
    return caught.value.why


def kind_of(tried: Notifier) -> type[NotifyFailedError]:
    """Send, and give how it failed."""
    with pytest.raises(NotifyFailedError) as caught:
        tried.send("ops", title="Tidegate: test", body="body", critical=True)
    return type(caught.value)


def test_a_webhook_gets_the_text(service: Hook) -> None:
    """A text arrives once, whole, with its subject and how grave it is."""
    AppriseNotifier({"ops": service.address}).send("ops", title="2 alerts", body="first\nsecond", critical=True)
    ((path, body),) = service.posted
    document = json.loads(body)
    assert (document["title"], document["message"], document["type"]) == ("2 alerts", "first\nsecond", "failure")
    assert CANARIES[1] in path


def test_a_mail_server_gets_the_text(mail: MailSink) -> None:
    """A mail arrives as plain text, from and to the addresses given."""
    AppriseNotifier({"ops": mail.address}).send("ops", title="one <b>", body="a customer\nanother", critical=False)
    (text,) = mail.mails
    assert "Subject: one (b)" in text
    assert "a customer" in text
    assert "To: ops@example.com" in text
    assert "text/html" not in text


def test_what_a_vendor_sends_cannot_speak_for_itself(service: Hook) -> None:
    """Control and direction characters, mentions and marks of links leave as harmless letters; lines stay lines."""
    hostile = "a\x1b[31m\u202eb <!channel> @everyone \x00\r\nsecond\u2028third"
    AppriseNotifier({"ops": service.address}).send("ops", title="x\nBcc: y", body=hostile, critical=False)
    document = json.loads(service.posted[0][1])
    assert document["message"] == "a[31mb (!channel) (at)everyone\nsecond\nthird"
    assert document["title"] == "x Bcc: y"


def test_a_text_that_is_too_long_is_cut(service: Hook) -> None:
    """However much is handed over, what leaves is bounded."""
    AppriseNotifier({"ops": service.address}).send("ops", title="t" * 999, body="b" * 99_999, critical=False)
    document = json.loads("".join(service.texts()))
    assert (len(document["title"]), len(document["message"])) == (200, 8000)


@pytest.mark.parametrize(
    ("status", "said"), [(500, "HTTP 500"), (403, "HTTP 403"), (302, "redirects are not followed")]
)
def test_a_refusal_says_its_status(service: Hook, status: int, said: str) -> None:
    """What a service answers is said by its number; nothing of its answer or of the address is."""
    service.status, service.answer, service.location = status, b"the key canaryPath4711KEY is wrong", "/elsewhere"
    why = why_not(AppriseNotifier({"ops": service.address}))
    assert said in why
    assert not any(canary in why for canary in CANARIES)
    assert len(service.posted) == 1


def test_a_redirect_is_not_followed_even_where_the_address_asks_for_it(service: Hook) -> None:
    """A text and its keys go to the address that was given and nowhere else."""
    with hook() as elsewhere:
        service.status, service.location = 307, f"http://127.0.0.1:{elsewhere.server_port}/"
        assert "307" in why_not(AppriseNotifier({"ops": f"{service.address}&redirect=yes"}))
        assert elsewhere.posted == []


def test_an_address_cannot_ask_for_silence_about_failures(service: Hook) -> None:
    """optional=yes and retry=9 in an address change nothing: one try, and its failure is one."""
    service.status = 500
    assert "HTTP 500" in why_not(AppriseNotifier({"ops": f"{service.address}&optional=yes&retry=9"}))
    assert len(service.posted) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b'{"errcode":310000,"errmsg":"keywords not in content"}', "code 310000"),
        (b"<html>log in first</html>", "code unknown"),
        (b"[1]", "code unknown"),
    ],
)
def test_a_refusal_with_status_200_is_one(
    service: Hook, monkeypatch: pytest.MonkeyPatch, answer: bytes, why: str
) -> None:
    """DingTalk refuses with status 200, which Apprise takes for a success; here it is a failure with its code."""
    # The plugin has one fixed address; on loopback it is the simulated service's.
    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"http://127.0.0.1:{service.server_port}/?access_token={{token}}")
    service.answer = answer
    assert why in why_not(AppriseNotifier({"ops": "dingtalk://abcdef0123456789"}))
    service.answer = b'{"errcode":0,"errmsg":"ok"}'
    AppriseNotifier({"ops": "dingtalk://abcdef0123456789"}).send("ops", title="t", body="b", critical=False)


@pytest.mark.parametrize("answer", [b'{"code":0}', b'{"StatusCode":0,"StatusMessage":"success"}'])
def test_both_of_feishus_ways_to_say_yes_are_understood(
    service: Hook, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """Feishu's answers of today and of yesterday are a success."""
    # The plugin has one fixed address; on loopback it is the simulated service's.
    monkeypatch.setattr(NotifyFeishu, "notify_url", f"http://127.0.0.1:{service.server_port}/{{token}}/")
    service.answer = answer
    AppriseNotifier({"ops": "feishu://0b3d7a12"}).send("ops", title="t", body="b", critical=False)
    service.answer = b'{"code":19001,"msg":"param invalid"}'
    assert "code 19001" in why_not(AppriseNotifier({"ops": "feishu://0b3d7a12"}))


def test_a_mail_server_that_refuses_says_its_code(mail: MailSink) -> None:
    """The reason names the mail server's code, not what it said."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # as whoever configures logging may do
    mail.refusal = "550 5.7.1 canary@example.com is not welcome"
    why = why_not(AppriseNotifier({"ops": mail.address}))
    assert why == "the mail server refused it with 550"


@pytest.mark.parametrize("address", ["json://127.0.0.1:1/x", "mailto://127.0.0.1:1?from=a@b.example&mode=insecure"])
def test_a_service_that_is_not_there_says_so(address: str) -> None:
    """A refused connection is named as the system names it."""
    assert why_not(AppriseNotifier({"ops": address})) == "it could not be reached (connection refused)"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (
            requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] canary"),
            "its certificate is not trusted",
        ),
        (requests.exceptions.ReadTimeout("read timed out, canary"), "it did not answer in time"),
        (requests.exceptions.ConnectionError("canary"), "it could not be reached"),
    ],
)
def test_a_failure_of_the_way_has_a_sentence_of_its_own(error: Exception, why: str) -> None:
    """Certificates, slowness and unreachable hosts are told apart, without what the error says."""
    findings = Findings()
    findings.failed(error)
    assert findings.why == why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Socket Exception: [SSL: CERTIFICATE_VERIFY_FAILED] canary", "its certificate is not trusted"),
        ("Socket Exception: canary", "it could not be reached"),
        ("SMTP Host: canary", "it did not take the text, and Apprise gives no reason"),
    ],
)
def test_what_apprise_logs_of_a_mail_server_gives_the_reason(line: str, why: str) -> None:
    """Its log line is read for what is known to stand there, and for nothing else."""
    findings = Findings()
    findings.heard(line)
    assert findings.why == why


def test_a_hanging_service_is_left_at_the_deadline(service: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is one of the wall clock, and a request to stop cuts even that short."""
    monkeypatch.setattr(notifier, "GRACE", 0.2)  # seconds that a test has better use for
    service.hold.clear()
    begun = time.monotonic()
    assert why_not(AppriseNotifier({"ops": service.address}, deadline=0.3)) == "it did not answer within 0 seconds"
    assert time.monotonic() - begun < 3
    assert len(service.posted) == 0
    stopping = threading.Event()
    threading.Timer(0.2, stopping.set).start()
    cut = AppriseNotifier({"ops": service.address}, stopping=stopping.is_set)
    assert (kind_of(cut), time.monotonic() - begun < 5) == (NotifyUnclearError, True)


def test_a_stop_before_anything_left_is_no_failure_of_the_channel(service: Hook, mail: MailSink) -> None:
    """Where the process is to stop, nothing leaves any more, and that is said; of mail too."""
    for address in (service.address, mail.address):
        assert kind_of(AppriseNotifier({"ops": address}, stopping=lambda: True)) is NotifyStoppedError
    assert (service.posted, mail.mails) == ([], [])


def test_a_text_under_way_is_waited_for_when_the_process_is_to_stop(service: Hook) -> None:
    """An answer that comes within the time a stop leaves is taken, and the text counts as what it is: delivered."""
    service.hold.clear()
    stopping = threading.Event()
    threading.Timer(0.2, stopping.set).start()
    threading.Timer(0.5, service.hold.set).start()
    AppriseNotifier({"ops": service.address}, stopping=stopping.is_set).send("ops", title="t", body="b", critical=True)
    assert len(service.posted) == 1


def test_no_answer_to_a_text_that_was_handed_over_is_not_a_failure_to_reach(
    service: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that reads the text and never answers may have taken it; one that never lets in has not."""
    assert channels.READ_SECONDS > 10 > channels.service_of("json://h").socket_connect_timeout  # type: ignore[union-attr]
    monkeypatch.setattr(channels, "READ_SECONDS", 0.2)  # seconds that a test has better use for
    service.hold.clear()
    slow = AppriseNotifier({"ops": service.address})
    assert kind_of(slow) is NotifyUnclearError
    assert why_not(slow) == "it took the text, and did not answer in time"
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes the connection, and never speaks TLS
        address = f"jsons://127.0.0.1:{deaf.getsockname()[1]}/x?cto=0.2"
        assert kind_of(AppriseNotifier({"ops": address})) is NotifyFailedError


def test_a_channel_without_an_address_says_why() -> None:
    """A secret that cannot be had, an unknown channel and an address nobody understands are reasons, not crashes."""
    broken = AppriseNotifier({"odd": f"zzz://{CANARIES[0]}"}, missing={"ops": "environment variable X is not set"})
    assert why_not(broken) == "environment variable X is not set"
    assert why_not(broken, "other") == "its address is not known"
    assert "does not understand its address" in why_not(broken, "odd")


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Apprise is told which extra it lacks, by the check and by each send."""
    # Python takes None there for "not installed"; really uninstalling it is beyond a test.
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert 'pip install "WHEEL[alerts]"' in why_not(AppriseNotifier({"ops": "json://127.0.0.1:1"}))
    assert 'pip install "WHEEL[alerts]"' in str(channel_fault("json://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (CANARIES[0], "no service in front"),
        (f"zzz://{CANARIES[0]}", "no service of this name"),
        (f"https://example.com/{CANARIES[0]}", "this web address"),
        (f"slack://{CANARIES[0]}", "does not understand the slack:// address"),
        ("dbus://", "not installed here"),
        (f"json://h?tz={CANARIES[0]}", "does not understand the json:// address"),
    ],
)
def test_a_bad_address_is_named_without_being_shown(
    address: str, said: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The sentence says what is wrong; the address is neither in it, nor in a log, nor on a terminal."""
    caplog.set_level(0)
    fault = channel_fault(address)
    assert fault is not None
    assert said in fault
    shown = fault + caplog.text + "".join(capfd.readouterr())
    assert CANARIES[0] not in shown


@pytest.mark.parametrize(
    "address",
    [
        "mailtos://alerts:key@smtp.example.com:587?from=alerts@example.com&to=ops@example.com",
        f"slack://{SLACK}",
        f"https://hooks.slack.com/services/{SLACK}",
        "dingtalk://SEC0123abc@abcdef0123456789",
        "wecombot://693a91f6-7a0c-4bc4-97a0-0ec2f1fa5aaa",
        "feishu://0b3d7a12-1c22-4e1d-9d0a-abcdefabcdef",
        "tgram://123456789:AAabcdefghijklmnopqrstuvwxyzABCDEF/12315544/",
        "jsons://user:password@hooks.example.com/tidegate",
    ],
)
def test_the_forms_that_the_papers_name_are_understood(address: str) -> None:
    """Each example of an address works, and leaves nothing to be desired."""
    assert channel_fault(address) is None
    assert channel_note(address) is None


@pytest.mark.parametrize(
    ("address", "note"),
    [
        ("jsons://hooks.example.com/x?verify=no", "certificate is not checked"),
        ("json://hooks.example.com/x", "without encryption"),
        ("mailto://u:p@smtp.example.com?mode=insecure", "without encryption"),
        ("json://127.0.0.1/x", None),
        ("zzz://x", None),
    ],
)
def test_a_careless_address_is_noted(address: str, note: str | None) -> None:
    """What is sent in the clear beyond this machine is pointed out."""
    found = channel_note(address)
    assert (found is None) if note is None else (note in str(found))


def test_nothing_of_apprise_reaches_a_log(service: Hook, caplog: pytest.LogCaptureFixture) -> None:
    """Even at the lowest level no line of Apprise leaves: they hold addresses, bodies and answers."""
    caplog.set_level(0)
    service.status = 500
    why_not(AppriseNotifier({"ops": service.address}))
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []
    assert logging.getLogger("apprise").filters != []


def test_nothing_is_kept_on_disk(service: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise may not keep what it learned of a service: its folder in a home stays away."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    AppriseNotifier({"ops": f"{service.address}&store=yes"}).send("ops", title="t", body="b", critical=False)
    assert list(tmp_path.rglob("*")) == []
    assert apprise.AppriseAsset().storage_path is None


def test_the_parts_of_an_address_that_may_be_keys_are_known() -> None:
    """Password, token, long words of path and query, a key in the host's place; no host name, no plain word."""
    parts = key_parts(
        f"json://hook:{CANARIES[0]}@hooks.example.com/alerts/{CANARIES[1]}?-key={CANARIES[2]}&method=POST"
    )
    assert set(CANARIES) < parts
    assert parts.isdisjoint({"hook", "alerts", "hooks.example.com", "POST", "example"})
    assert "SEC0" in key_parts("dingtalk://SEC0@abcdef0123456789")
    assert "abcdef0123456789" in key_parts("dingtalk://SEC0@abcdef0123456789")
    assert {"p@ss word", "p%40ss%20word"} < key_parts("mailto://u:p%40ss%20word@example.com")
    assert key_parts("no address") == {"no address"}


def test_the_twin_keeps_what_it_is_handed() -> None:
    """The in-memory notifier takes texts in their order, and refuses for channels that are broken."""
    twin = InMemoryNotifier()
    twin.send("ops", title="t", body="b", critical=True)
    twin.broken["ops"] = "out of order"
    assert why_not(twin) == "out of order"
    assert [(text.channel, text.title, text.critical) for text in twin.handed] == [("ops", "t", True)]
