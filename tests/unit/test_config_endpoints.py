"""Endpoints: keys go to the vendor's own host over https, or to this machine, or where the partner insists."""

import pytest

from adapters.endpoints import Endpoint, EndpointFault, parse_endpoint

OWN = frozenset({"api.example.com"})


def fault_of(text: str, *, allow_custom: bool = False) -> str:
    """Give the sentence of the fault that parsing ends with."""
    with pytest.raises(EndpointFault) as caught:
        parse_endpoint(text, own_hosts=OWN, allow_custom=allow_custom)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("api.example.com", Endpoint("https", "api.example.com", 443)),
        ("API.Example.com", Endpoint("https", "api.example.com", 443)),
        ("https://api.example.com/", Endpoint("https", "api.example.com", 443)),
        ("api.example.com:8443", Endpoint("https", "api.example.com", 8443)),
        ("http://127.0.0.1:9001", Endpoint("http", "127.0.0.1", 9001)),
        ("http://localhost:9001", Endpoint("http", "localhost", 9001)),
        ("http://127.9.9.9", Endpoint("http", "127.9.9.9", 80)),
        ("http://[::1]:9001", Endpoint("http", "::1", 9001)),
        ("127.0.0.1:9001", Endpoint("https", "127.0.0.1", 9001)),
    ],
)
def test_hosts_and_addresses_are_read(text: str, endpoint: Endpoint) -> None:
    """A bare host means https; loopback may be plain http."""
    assert parse_endpoint(text, own_hosts=OWN, allow_custom=False) == endpoint


@pytest.mark.parametrize(
    "text",
    ["http://api.example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://0.0.0.0", "http://[::2]"],
)
@pytest.mark.parametrize("allow_custom", [True, False])
def test_plain_http_never_leaves_the_machine(text: str, *, allow_custom: bool) -> None:
    """Plain http beyond loopback is refused whatever else is allowed."""
    assert "plain http" in fault_of(text, allow_custom=allow_custom)


@pytest.mark.parametrize(
    "text", ["other.example.com", "api.example.com.evil.test", "https://10.0.0.1", "evil-api.example.com"]
)
def test_other_hosts_need_the_partners_word(text: str) -> None:
    """A host that is not the vendor's own is refused until allow_custom_endpoint is written."""
    assert "allow_custom_endpoint = true" in fault_of(text)
    assert not parse_endpoint(text, own_hosts=OWN, allow_custom=True).is_loopback


@pytest.mark.parametrize(
    "text",
    ["", " ", "https://", "api.example.com/base", "api.example.com?x=1", "https://api.example.com#x", "ftp://api.example.com",
     "api.example.com:0", "api.example.com:65536", "api.example.com:x", "api.example.com:", "a b", "[::1", "https://[x]",
     "-a.example.com", "api..example.com", "api_x.example.com", "api.example.com\n", "http://127.0.0.1:9001/v2"],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    """Paths, odd schemes, odd ports and odd names are refused in a sentence."""
    assert fault_of(text, allow_custom=True)


def test_a_key_before_the_host_is_not_repeated() -> None:
    """User names and keys in a URL are refused without being shown."""
    assert "canary" not in fault_of("https://user:canary@api.example.com")


def test_an_endpoint_is_written_as_a_host_header_has_it() -> None:
    """The default port is left out, another stays, an IPv6 address stands in brackets."""
    assert Endpoint("https", "api.example.com", 443).authority == "api.example.com"
    assert Endpoint("http", "127.0.0.1", 9001).authority == "127.0.0.1:9001"
    assert str(Endpoint("http", "::1", 9001)) == "http://[::1]:9001"


def test_everything_that_is_wrong_with_an_address_is_told_as_written() -> None:
    """Port and scheme stay as they were written, and a foreign host over plain http is both at once."""
    sentence = fault_of("http://10.0.0.1:80")
    assert sentence.startswith("'http://10.0.0.1:80' is plain http")
    assert "write https://10.0.0.1; and it is not the vendor's own host (api.example.com)" in sentence
    assert "own host" not in fault_of("http://api.example.com")
    assert "write https://10.0.0.1:8080" in fault_of("http://10.0.0.1:8080/", allow_custom=True)
    assert fault_of("other.example.com:8443").startswith("'other.example.com:8443' is not the vendor's own host")
