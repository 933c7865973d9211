import base64
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.reports.board import Health
from scheduler.web.fence import POLICY, host_name, shown_token
from scheduler.web.server import Server
from tests.unit.boards import HOSTILE, MINUTE, NOW, Shown, quiet, renamed, wrong
from tests.unit.page_reader import Reading

TOKEN = "correct horse battery staple é"
GUARDS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
}
PAGES = ("/", "/customers", "/customers.csv", "/customers.json", "/customers/huawei/c-near", "/metrics")
LATE = Health(stuck=("huawei-main makes no progress",), late={"huawei-main": None}, ages={"tencent-main": MINUTE})


def serving(source: Shown, **changes: object) -> Server:
    """Start a server of a source, on loopback and any free port."""
    given: dict[str, object] = {"host": "127.0.0.1", "port": 0, "token": None, "show_names": False, "hosts": ()}
    server = Server(source, **{**given, "now": lambda: NOW, **changes})  # type: ignore[arg-type]  # by name
    server.start()
    return server


@pytest.fixture(scope="module")
def source() -> Shown:
    """A source with everything wrong."""
    return Shown(wrong(), LATE)


@pytest.fixture(scope="module")
def address(source: Shown) -> Iterator[str]:
    """A page without a token, known by one more name."""
    server = serving(source, hosts=("tidegate.example.com",))
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture(scope="module")
def guarded(source: Shown) -> Iterator[str]:
    """A page with a token."""
    server = serving(source, token=TOKEN)
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture(scope="module")
def web() -> Iterator[requests.Session]:
    """A client that looks for no password of its own."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def basic(user: str, password: str) -> dict[str, str]:
    """Give the header that a browser sends for a password."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/readyz", "/nowhere", "/customers/huawei/nobody", "//"])
def test_every_answer_is_guarded(web: requests.Session, address: str, path: str) -> None:
    """Whatever is asked for, the answer forbids scripts, frames, referrers, sniffing and keeping a copy."""
    answer = web.get(address + path)
    assert answer.status_code in {200, 404, 503}
    assert {name: answer.headers.get(name) for name in GUARDS} == GUARDS
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_the_style_sheet_and_the_icon_may_be_kept_and_change_their_name_with_their_content(
    web: requests.Session, address: str
) -> None:
    """What a page loads is its own, of the right type, and kept for a year under a name made of its content."""
    loaded = [link for link in Reading(web.get(address).text).links() if re.search(r"\.(css|svg)$", link)]
    kinds = set()
    for link in loaded:
        answer = web.get(address + link)
        assert re.fullmatch(r"/[a-z]+-[0-9a-f]{12}\.(css|svg)", link)
        assert "immutable" in answer.headers["cache-control"]
        assert {name: answer.headers.get(name) for name in GUARDS} == GUARDS
        kinds.add(answer.headers["content-type"])
    assert kinds == {"text/css; charset=utf-8", "image/svg+xml"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_nothing_but_looking_is_allowed(web: requests.Session, address: str, method: str) -> None:
    """Every method other than GET and HEAD is refused, and the refusal says which are not."""
    answer = web.request(method, f"{address}/customers", data=b"x=1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/nowhere"])
def test_a_head_is_a_get_without_its_body(web: requests.Session, address: str, path: str) -> None:
    """HEAD gives the status and the length that GET gives, and nothing else."""
    looked, asked = web.get(address + path), web.head(address + path)
    assert (asked.status_code, asked.content) == (looked.status_code, b"")
    assert path == "/metrics" or asked.headers["content-length"] == looked.headers["content-length"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8642", "LocalHost.", "Tidegate.example.com:443"])
def test_a_name_of_this_machine_or_of_the_configuration_is_answered(
    web: requests.Session, address: str, host: str
) -> None:
    """The page answers to loopback names and to the names that were configured, whatever their port and case."""
    assert web.get(address, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil@localhost", "localhost/x", "127.0.0.1.nip.io", "", "[::1"]
)
def test_another_name_is_refused(web: requests.Session, address: str, host: str) -> None:
    """A website that points its own name at this machine reads nothing through its visitor's browser."""
    for path in ("/", "/healthz", "/metrics"):
        assert web.get(address + path, headers={"Host": host}).status_code in {400, 421}


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/style.css"])
def test_with_a_token_nothing_is_shown_without_it(web: requests.Session, guarded: str, path: str) -> None:
    """Without the token, and with a wrong one in any form, a browser is asked for it and a program refused."""
    wrongs = [{}, basic("", ""), basic(TOKEN, "x"), basic("x", f"{TOKEN}x"), {"Authorization": "Bearer x"}]
    wrongs += [{"Authorization": text} for text in ("Basic !!", "Basic", "Bearer", "Digest x", "Basic Zm9v")]
    for headers in wrongs:
        answer = web.get(guarded + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert "huawei-main" not in answer.text


def test_the_token_opens_the_page_to_browsers_and_programs(web: requests.Session, guarded: str) -> None:
    """It is taken as a password with any user name, and as a bearer's; any host name is answered then."""
    bearer = {"Authorization": b"bearer " + TOKEN.encode()}
    for headers in (basic("", TOKEN), basic("ann", TOKEN), bearer, {**basic("ann", TOKEN), "Host": "any.example"}):
        assert web.get(guarded, headers=headers).status_code == 200


def test_probes_need_no_token_and_learn_no_particulars(web: requests.Session, guarded: str, address: str) -> None:
    """Without the token a probe learns whether all is well, and only with it the accounts."""
    for path in ("/healthz", "/readyz"):
        plain, full = web.get(guarded + path), web.get(guarded + path, headers=basic("", TOKEN))
        assert (plain.status_code, full.status_code) == (503, 503)
        assert "huawei-main" not in plain.text
        assert "huawei-main" in full.text
        assert "huawei-main" in web.get(address + path).text


@given(st.text() | st.builds(lambda raw: f"Basic {base64.b64encode(raw).decode()}", st.binary()))
def test_no_authorization_is_mistaken_for_the_token(text: str) -> None:
    """Whatever the header holds, reading it fails on nothing and finds no token that is not there."""
    assert shown_token(text) != TOKEN.encode()


@given(st.text())
def test_no_host_is_mistaken_for_a_name(text: str) -> None:
    """Whatever the header holds, reading it fails on nothing; a name that is found stands in it."""
    found = host_name(text)
    assert found in text.lower() or found == ""


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(["/", "/customers", "/customers.csv", "/customers/huawei/c-near"]),
    query=st.dictionaries(
        st.sampled_from(
            ["q", "attention", "account", "vendor", "kind", "restriction", "sort", "dir", "page", "refresh"]
        )
        | st.text(max_size=5),
        st.text(max_size=30)
        | st.sampled_from(["held", "spent", "asc", "desc", "share", "-1", "0", "1e9", "٣", "9" * 5000, "%00", "\x00"]),
        max_size=10,
    ),
)
def test_no_query_breaks_a_page(web: requests.Session, address: str, path: str, query: dict[str, str]) -> None:
    """Any values in the address give a page: what is not known is as if it were not there."""
    answer = web.get(
        address + path,
        params={name.encode(errors="replace"): value.encode(errors="replace") for name, value in query.items()},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "huawei/%00",
        "huawei/%ff%fe",
        "%2e%2e/x",
        "huawei/",
        "a",
        "huawei/c-near/x",
        "tencent/c-near",
        "huawei/%20c-near",
    ],
)
def test_an_id_that_nobody_has_is_not_found(web: requests.Session, address: str, path: str) -> None:
    """Whatever stands where an id should, the answer is the short page of what does not exist."""
    answer = web.get(f"{address}/customers/{path}")
    assert (answer.status_code, "There is no such page" in answer.text) == (404, True)


def test_an_id_with_odd_characters_has_its_page(web: requests.Session, address: str) -> None:
    """An id is written into addresses so that it comes back whole, on every link of its page."""
    links = [link for link in Reading(web.get(f"{address}/customers?q=never").text).links() if "c-never" in link]
    page = web.get(address + links[0])
    assert "c-never/seen?&%" in Reading(page.text).text
    (turned,) = (link for link in Reading(page.text).links() if "refresh" in link)
    assert web.get(address + turned).url.endswith("c-never%2Fseen%3F%26%25?refresh=60")


def test_what_fails_inside_is_told_to_the_log_alone(web: requests.Session) -> None:
    """When the records cannot be read the page says only that, and the log says why."""
    source = Shown(quiet())
    server = serving(source)
    try:
        source.fails = True
        with structlog.testing.capture_logs() as logged:
            answer = web.get(f"http://127.0.0.1:{server.port}/customers")
        assert answer.status_code == 500
        assert {name: answer.headers.get(name) for name in GUARDS} == GUARDS
        assert "fire" not in answer.text
        assert [(entry["event"], entry["path"], entry["error"]) for entry in logged] == [
            ("page_failed", "/customers", "OSError")
        ]
        source.fails = False
        assert web.get(f"http://127.0.0.1:{server.port}/customers").status_code == 200
    finally:
        server.stop()


def test_a_port_that_is_taken_is_told_at_once() -> None:
    """A second server on the same address fails before `start` returns, and the first goes on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        late = Server(
            Shown(quiet()), host="127.0.0.1", port=taken.getsockname()[1], token=None, show_names=False, hosts=()
        )
        with pytest.raises(OSError, match="in use"):
            late.start()
        late.stop()


def test_a_server_that_does_not_come_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the thread ends instead of serving, `start` fails and does not wait for it."""
    # Nothing real makes uvicorn end without an error once its socket is there.
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, sockets: sockets[0].close())
    with pytest.raises(OSError, match="did not start"):
        serving(Shown(quiet()))


def test_it_stops_quickly_whoever_is_connected() -> None:
    """Silent, half-told and idle connections hold up no stop; the port is free again afterwards."""
    server = serving(Shown(quiet()))
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(4)]
    held[1].sendall(b"GET / HTTP/1.1\r\nHost: loc")
    held[2].sendall(b"GET /customers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12")
    held[3].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    held[3].recv(100)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 2
    server.stop()
    for each in held:
        each.close()
    again = serving(Shown(quiet()), port=server.port)
    again.stop()


def test_other_commands_never_load_the_web() -> None:
    """Naming the server imports neither Starlette nor uvicorn nor the library of the metrics."""
    code = "import sys, scheduler.web.server; print(*({'starlette', 'uvicorn', 'prometheus_client'} & {*sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert ran.stdout.strip() == ""


def test_hostile_names_are_only_text(web: requests.Session) -> None:
    """A name that is markup, a template or a formula makes no element, in no page and no file."""
    plain, hostile = (
        serving(Shown(quiet()), show_names=True),
        serving(Shown(renamed(quiet(), HOSTILE)), show_names=True),
    )
    try:
        for path in ("/", "/customers", "/customers/huawei/c1a0"):
            before, after = (Reading(web.get(f"http://127.0.0.1:{each.port}{path}").text) for each in (plain, hostile))
            assert [tag for tag, _ in after.elements] == [tag for tag, _ in before.elements]
            assert "\x1b" not in after.text
            assert path == "/" or "<script>alert(1)</script>" in after.text
        sheet = web.get(f"http://127.0.0.1:{hostile.port}/customers.csv").text
        assert "\x1b" not in sheet
    finally:
        plain.stop()
        hostile.stop()


@pytest.mark.parametrize("path", PAGES)
def test_names_are_masked_everywhere_unless_asked_for(web: requests.Session, address: str, path: str) -> None:
    """No page, file or metric holds a customer's name, and none can be searched for, until the setting says so."""
    assert "Acme Trading" not in web.get(address + path).text
    assert "No customer is like that" in web.get(f"{address}/customers?q=Trading").text


def test_a_page_that_is_old_says_so(web: requests.Session) -> None:
    """When newer figures cannot be collected, the page says how old its own are."""
    server = serving(Shown(replace(quiet(), made_at=NOW - timedelta(minutes=34))))
    try:
        text = Reading(web.get(f"http://127.0.0.1:{server.port}/").text).text
        assert "collected 34 min ago" in text
    finally:
        server.stop()


def test_keeping_up_to_date_is_asked_for(web: requests.Session, address: str) -> None:
    """A page loads itself again only where its address says so, keeps the rest of its address, and can stop."""
    plain = Reading(web.get(f"{address}/customers?attention=held").text)
    assert not [found for found in plain.all("meta") if found.get("http-equiv")]
    (turn,) = (link for link in plain.links() if "refresh" in link)
    assert turn == "/customers?attention=held&refresh=60"
    kept = Reading(web.get(address + turn).text)
    assert [found["content"] for found in kept.all("meta") if found.get("http-equiv") == "refresh"] == ["60"]
    assert "/customers?attention=held" in kept.links()
