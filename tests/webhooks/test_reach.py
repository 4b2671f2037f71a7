"""Webhooks reach only where they may: what is judged is what is connected to, whichever sender sends."""

import socket
import threading
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path

import pytest

from jobhook.adapters.work_limit import within
from jobhook.core.targets.answer import Answer, Failure, Verdict
from jobhook.core.targets.http import HttpTarget, failure_text, judge
from jobhook.core.targets.networks import LOOPBACK, TargetNetworks
from jobhook.core.targets.test_call import criteria
from tests.chalicelib.hostile import Behaviour, HostileServer, hostile_server
from tests.core.targets.networks import CLOSED_BY_NOBODYS_ASSIGNMENT, CLOSED_FOR_EVER, CLOSED_UNLESS_OPENED
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port
from tests.webhooks.senders import SENDERS, Send
from tests.webhooks.tls import Authority

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere"
HERE = TargetNetworks(LOOPBACK)
NOTHING = TargetNetworks()
HASTY_SECONDS = 2.0
"""For what would never end. A fraction of it is for the lookup and the connection, so less may be too short."""
EVERYTHING = TargetNetworks((ip_network("0.0.0.0/0"), ip_network("::/0")))
CLOSED = [address for addresses in CLOSED_UNLESS_OPENED.values() for address in addresses]
CLOSED += [address for addresses in CLOSED_FOR_EVER.values() for address in addresses]
CLOSED += CLOSED_BY_NOBODYS_ASSIGNMENT


@pytest.fixture(params=SENDERS)
def send(request: pytest.FixtureRequest) -> Send:
    return SENDERS[request.param]


@pytest.fixture
def service() -> Iterator[HostileServer]:
    """A service on 127.0.0.1 that answers "here"."""
    with hostile_server(answering(OK)) as server:
        yield server


def answering(raw: bytes) -> Behaviour:
    return lambda connection: connection.sendall(raw)


def port_of(server: HostileServer) -> int:
    return int(server.url.split(":")[2].split("/")[0])


class Names:
    """A DNS server as an attacker has it: each lookup takes the next answer, and the last again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def assert_refused(answer: Answer) -> None:
    assert (answer.http_status, answer.body, answer.failure) == (None, b"", Failure.NOT_ALLOWED)
    assert judge(answer) is Verdict.REFUSED


@pytest.mark.parametrize("address", CLOSED)
def test_a_name_that_leads_to_a_closed_address_is_refused(send: Send, address: str) -> None:
    assert_refused(send("http://hooks.example/", lookup=Names([address])))


@pytest.mark.parametrize("address", [address for address in CLOSED if "%" not in address])
def test_a_closed_address_in_the_url_is_refused(send: Send, address: str) -> None:
    assert_refused(send(f"http://{f'[{address}]' if ':' in address else address}/"))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_closed_address_spoils_them_all(send: Send, service: HostileServer, position: int) -> None:
    found = ["127.0.0.1", "127.0.0.1"]
    found.insert(position, "10.0.0.1")
    answer = send(f"http://hooks.example:{port_of(service)}/", HERE, lookup=Names(found))
    assert_refused(answer)
    assert service.requests == []
    assert failure_text(answer) == "target not allowed: resolves to a private address"


FOUR = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F000001", "0x7f.1", "0x7f.0.0.1", "0x7f.0.1"]
FOUR += ["0x7f.0x0.0x0.0x1", "0177.1", "0177.0.0.1", "0177.0.0.01", "0177.00.00.01", "017700000001", "00177.0.1"]
FOUR += ["127.0x0.1", "127.0.0x1", "127.00.0.1", "127.0.0.01", "127.0.0.0x1", "0000177.0.0.1", "127.0.0.00001"]
FOUR += ["127.0.0.1.", "127.1.", "2130706433.", "0x7f000001.", "127.000.000.001", "0x000000007f.1", "127.65535"]
FOUR += ["127.0.65535", "127.16777215", "127.255.255.255", "127.0.0.2", "127.10.20.30", "2130706434", "0.0.0.0", "0"]
FOUR += ["0x0", "00", "0.0", "0.1", "0.0.0.1", "0x0.0x1", "localhost", "LOCALHOST", "LocalHost", "localhost."]
# Digits, dots and letters that IDNA maps onto ASCII.
FOUR += ["\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "\uff11\uff12\uff17.0.0.1"]
FOUR += ["127\u30020\u30020\u30021", "127\uff0e0\uff0e0\uff0e1", "127\uff610\uff610\uff611"]
FOUR += ["\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "%31%32%37.0.0.1", "127.0.0.1%00"]
SIX = ["::1", "::0:1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0001", "0::1", "0:0::1", "::"]
SIX += ["::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:7F00:0001", "0:0:0:0:0:ffff:127.0.0.1", "::127.0.0.1", "::7f00:1"]
SIX += ["64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:7f00:0001::1", "::ffff:0:127.0.0.1", "0::0"]
SIX += ["fe80::1%25lo", "fe80::1%lo", "::1%25lo", "::1%lo", "::ffff:127.0.0.1%25lo", "::%25lo", "fe80::1%251"]
SIX += ["::ffff:0:0"]
SPELLINGS = [*FOUR, *(f"[{host}]" for host in SIX)]


def test_the_spellings_are_many() -> None:
    assert len(set(SPELLINGS)) == len(SPELLINGS) >= 80


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_reaches_it(send: Send, service: HostileServer, host: str) -> None:
    answer = send(f"http://{host}:{port_of(service)}/")
    assert answer.failure in (Failure.NOT_ALLOWED, Failure.NOT_RESOLVED)
    assert service.requests == []


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "169.254.43518"),
        *("[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fe80::a9fe:a9fe]"),
        *("169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "168.63.129.16", "100.100.100.200"),
    ],
)
def test_credentials_of_the_cloud_are_reached_by_nobody(send: Send, host: str) -> None:
    assert_refused(send(f"http://{host}/latest/meta-data/iam/security-credentials/", EVERYTHING))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "sandbox.example"])
def test_the_runtime_api_of_lambda_is_not_reached_though_loopback_is_opened(send: Send, host: str) -> None:
    on_lambda = TargetNetworks(EVERYTHING.opened, closed=LOOPBACK)
    url = f"http://{host}:9001/2018-06-01/runtime/invocation/next"
    if host == "sandbox.example":
        assert_refused(send(url, on_lambda, lookup=Names(["127.0.0.1"])))
    else:
        assert_refused(send(url, on_lambda))


def test_what_is_judged_is_what_is_connected_to(send: Send, service: HostileServer) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    answer = send(f"http://rebinding.example:{port_of(service)}/hook", HERE, lookup=names)
    assert answer == Answer(200, b"here")
    assert names.asked == ["rebinding.example"]
    assert f"host: rebinding.example:{port_of(service)}".encode() in service.requests[0].lower()


def test_a_name_that_is_bound_anew_is_judged_anew(send: Send, service: HostileServer) -> None:
    names = Names(["169.254.169.254"], ["127.0.0.1"])
    url = f"http://rebinding.example:{port_of(service)}/hook"
    assert_refused(send(url, HERE, lookup=names))
    assert send(url, HERE, lookup=names).http_status == 200


def test_the_next_address_is_tried_where_one_does_not_take_the_connection(send: Send, service: HostileServer) -> None:
    names = Names(["127.0.0.2", "127.0.0.3", "127.0.0.1"])  # the service listens on the last only
    assert send(f"http://hooks.example:{port_of(service)}/", HERE, lookup=names).http_status == 200
    assert len(service.requests) == 1


def test_a_name_without_an_address_is_not_resolved(send: Send) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    answer = send("http://nowhere.example/", lookup=unknown)
    assert answer.failure is Failure.NOT_RESOLVED
    assert judge(answer) is Verdict.UNAVAILABLE


def test_a_lookup_that_hangs_does_not_outlast_the_deadline(send: Send) -> None:
    released = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        released.wait(PATIENCE_SECONDS)
        return ["127.0.0.1"]

    answer = send("http://slow.example/", HERE, lookup=hanging, within_seconds=HASTY_SECONDS)
    released.set()
    assert answer.failure is Failure.NOT_RESOLVED
    assert judge(answer) is Verdict.UNAVAILABLE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere(send: Send, service: HostileServer, status: int) -> None:
    raw = f"HTTP/1.1 {status} Go\r\nLocation: {service.url}\r\nContent-Length: 0\r\n\r\n".encode()
    with hostile_server(answering(raw)) as redirecting:
        assert send(redirecting.url, HERE).http_status == status
    assert service.requests == []


def test_no_proxy_of_the_environment_is_asked(
    send: Send, service: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hostile_server(answering(OK)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert send(service.url, HERE).http_status == 200
        assert_refused(send("http://10.0.0.1/"))
        assert proxy.requests == []


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("host", ["hooks.example", "hooks.example."])
def test_tls_asks_for_the_name_and_not_for_the_address(send: Send, authority: Authority, host: str) -> None:
    behaviour, asked = authority.speaking_tls(answering(OK), "hooks.example")
    with hostile_server(behaviour, listens=False) as server:
        url = f"https://{host}:{port_of(server)}/hook"
        assert send(url, HERE, lookup=Names(["127.0.0.1"]), tls=authority.client) == Answer(200, b"here")
    assert asked == ["hooks.example"]


def test_tls_with_an_address_in_the_url_wants_a_certificate_of_the_address(send: Send, authority: Authority) -> None:
    behaviour, asked = authority.speaking_tls(answering(OK), "127.0.0.1")
    with hostile_server(behaviour, listens=False) as server:
        assert send(f"https://127.0.0.1:{port_of(server)}/", HERE, tls=authority.client) == Answer(200, b"here")
    assert asked == [None]


@pytest.mark.parametrize("named", ["other.example", "127.0.0.1", "sub.hooks.example"])
def test_a_certificate_of_somebody_else_is_refused(send: Send, authority: Authority, named: str) -> None:
    behaviour, _ = authority.speaking_tls(answering(OK), named)
    with hostile_server(behaviour, listens=False) as server:
        url = f"https://hooks.example:{port_of(server)}/hook"
        answer = send(url, HERE, lookup=Names(["127.0.0.1"]), tls=authority.client)
    assert (answer.http_status, answer.failure) == (None, Failure.NOT_CONNECTED)
    assert judge(answer) is Verdict.UNAVAILABLE


def test_an_authority_that_nobody_knows_is_refused(send: Send, authority: Authority, tmp_path: Path) -> None:
    behaviour, _ = Authority(tmp_path).speaking_tls(answering(OK), "hooks.example")
    with hostile_server(behaviour, listens=False) as server:
        url = f"https://hooks.example:{port_of(server)}/hook"
        answer = send(url, HERE, lookup=Names(["127.0.0.1"]), tls=authority.client)
    assert (answer.http_status, answer.failure) == (None, Failure.NOT_CONNECTED)


# --- what a test call tells of a hostile service --------------------------------------------------------------------


def not_met(answer: Answer, schema: dict[str, object] | None = None) -> list[str]:
    return [
        criterion.name
        for criterion in criteria(HttpTarget("https://x"), answer, schema, within)
        if criterion.met is False
    ]


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    connection.settimeout(0.01)
    for _ in range(1_000):
        try:
            if not connection.recv(65_536):
                return
        except TimeoutError:
            connection.sendall(b"x")


def test_a_test_call_tells_how_far_it_came(send: Send, authority: Authority) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert not_met(send("http://10.0.0.1/")) == ["url_allowed"]
    assert not_met(send("http://nowhere.example/", lookup=unknown)) == ["resolves"]
    assert not_met(send(f"http://127.0.0.1:{own_port()}/", HERE)) == ["connects"]
    behaviour, _ = authority.speaking_tls(answering(OK), "other.example")
    with hostile_server(behaviour, listens=False) as server:
        assert not_met(send(f"https://127.0.0.1:{port_of(server)}/", HERE, tls=authority.client)) == ["connects"]
    with hostile_server(dripping) as server:
        assert not_met(send(server.url, HERE, within_seconds=HASTY_SECONDS)) == ["answers_in_time"]
    with hostile_server(lambda connection: None) as server:
        assert not_met(send(server.url, HERE)) == ["answers_in_time"]
    with hostile_server(answering(b"HTTP/1.1 307 Go\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")) as server:
        assert not_met(send(server.url, HERE)) == ["status_2xx"]
    with hostile_server(answering(OK)) as server:
        assert not_met(send(server.url, HERE), {"type": "object"}) == ["response_schema"]
    with hostile_server(answering(OK)) as server:
        assert not_met(send(server.url, HERE)) == []
