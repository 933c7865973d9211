"""The page's application: which address shows what. Every answer is made from values, none changes anything.

Made by scheduler.web.server; Starlette is imported here and in the fence alone. Endpoints of pages are plain functions,
which Starlette runs in threads: one that waits for the records holds up no other. Threads are few, so what is answered
from memory takes none: a probe is answered also while every page waits.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from scheduler.reports.board import Board
from scheduler.reports.wording import clean
from scheduler.web.choosing import all_chosen
from scheduler.web.customer import customer_cells
from scheduler.web.customers import customers_cells
from scheduler.web.fence import Fence
from scheduler.web.health import Answer, healthz, readyz
from scheduler.web.metrics import exposition
from scheduler.web.overview import overview_cells
from scheduler.web.query import Query
from scheduler.web.rendering import Asset, icon, rendered, style
from scheduler.web.sheet import customers_csv, customers_json
from scheduler.web.source import Source
from scheduler.web.times import Times, length

# A board older than this was kept because no newer one could be made: the page says so.
STALE_AFTER = timedelta(minutes=2)
REFRESH = 60  # seconds, for those who ask for it
_SENTENCES = {
    HTTPStatus.UNAUTHORIZED: "This page asks for its token: give it as the password, with any user name.",
    HTTPStatus.NOT_FOUND: "There is no such page, or no customer of this id has a limit.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Nothing can be changed here: this page only shows.",
    HTTPStatus.MISDIRECTED_REQUEST: "This name is not among `hosts` in the [web] part of the configuration.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many pages are being made at once: come again in a moment.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The page could not be made. The daemon's log says why.",
}


def make_app(
    source: Source, *, token: str | None, show_names: bool, hosts: tuple[str, ...], now: Callable[[], datetime]
) -> ASGIApp:
    """Make the application. `now` gives aware UTC; `hosts` are names other than this machine's own, lower case."""
    pages = _Pages(source, show_names=show_names, now=now)
    router = Router(pages.routes(), redirect_slashes=False, default=pages.not_found)
    fence = pages.fence = Fence(router, token=token, hosts=hosts, refusal=problem)
    return fence


def problem(status: int) -> Response:
    """Give the short page that says what went wrong, without particulars."""
    known = HTTPStatus(status)
    values = {"title": known.phrase, "said": _SENTENCES.get(known, "")}
    return HTMLResponse(rendered("problem", values), status_code=status)


class _Pages:
    """The endpoints over one source."""

    fence: Fence

    def __init__(self, source: Source, *, show_names: bool, now: Callable[[], datetime]) -> None:
        self._source = source
        self._show_names = show_names
        self._now = now

    def routes(self) -> list[Route]:
        """Give every address that there is."""
        return [
            Route("/", self.overview),
            Route("/customers", self.customers),
            Route("/customers.csv", self.customers_csv),
            Route("/customers.json", self.customers_json),
            Route("/customers/{vendor}/{customer_id:path}", self.customer),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route(style().path, _serving(style())),
            Route(icon().path, _serving(icon())),
        ]

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that there is no such address."""
        await problem(404)(scope, receive, send)

    def overview(self, request: Request) -> Response:
        """Show the first page."""
        board, now = self._source.board(), self._now()
        times = page_times(board, now)
        return self._page(request, "overview", board, times, overview_cells(board, times))

    def customers(self, request: Request) -> Response:
        """Show the list of customers."""
        board, now = self._source.board(), self._now()
        times = page_times(board, now)
        cells = customers_cells(board, _query(request, board), times, show_names=self._show_names)
        return self._page(request, "customers", board, times, cells)

    def customers_csv(self, request: Request) -> Response:
        """Give the list as CSV."""
        board = self._source.board()
        lines = all_chosen(board, _query(request, board), show_names=self._show_names)
        headers = {"content-disposition": 'attachment; filename="customers.csv"'}
        return Response(customers_csv(lines, show_names=self._show_names), media_type="text/csv", headers=headers)

    def customers_json(self, request: Request) -> Response:
        """Give the list as JSON."""
        board = self._source.board()
        lines = all_chosen(board, _query(request, board), show_names=self._show_names)
        return Response(customers_json(lines, show_names=self._show_names), media_type="application/json")

    def customer(self, request: Request) -> Response:
        """Show one customer."""
        vendor, customer_id = request.path_params["vendor"], request.path_params["customer_id"]
        if (vendor, customer_id) != (clean(vendor), clean(customer_id)):
            return problem(404)  # no id is written like this
        file = self._source.customer(vendor, customer_id)
        if file is None:
            return problem(404)
        board, now = self._source.board(), self._now()
        cells = customer_cells(file, Times(file.account.zone, now), show_names=self._show_names)
        return self._page(request, "customer", board, Times(file.account.zone, now), cells)

    async def healthz(self, request: Request) -> Response:
        """Say whether the process lives."""
        return _answered(healthz(self._source.health(), details=self.fence.is_trusted(request)))

    async def readyz(self, request: Request) -> Response:
        """Say whether every account is read in time."""
        return _answered(readyz(self._source.health(), details=self.fence.is_trusted(request)))

    def metrics(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's form
        """Give the metrics."""
        body, media_type = exposition(self._source.board(), self._source.counts(), self._source.health())
        return _answered((200, body, media_type))

    def _page(
        self, request: Request, name: str, board: Board, times: Times, cells: Mapping[str, object]
    ) -> HTMLResponse:
        refreshing = request.query_params.get("refresh") == str(REFRESH)
        old = times.now - board.made_at
        shared = {
            "here": name,
            "made": times.when(board.made_at),
            "stale_page": length(old) if old > STALE_AFTER else "",
            "refresh": REFRESH if refreshing else 0,
            "turn_refresh": _turned(request, refreshing=refreshing),
            "version": clean(board.version),
            "installation": clean(board.installation),
            "head": clean(board.head),
            "started": times.when(board.started_at),
            "show_names": self._show_names,
        }
        return HTMLResponse(rendered(name, {**shared, **cells}))


def page_times(board: Board, now: datetime) -> Times:
    """Give the clock of a page over all accounts: theirs where they share one, else UTC."""
    zones = {account.zone for account in board.accounts}
    return Times(zones.pop() if len(zones) == 1 else "UTC", now)


def _query(request: Request, board: Board) -> Query:
    return Query.read(
        request.query_params,
        accounts=[account.name for account in board.accounts],
        vendors=[account.vendor for account in board.accounts],
    )


def _turned(request: Request, *, refreshing: bool) -> str:
    """Give this address with the refresh turned on or off; without scheme and host, which a client could forge."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name != "refresh"]
    given += [] if refreshing else [("refresh", str(REFRESH))]
    path = request.scope["raw_path"].decode("ascii")
    return f"{path}?{urlencode(given)}" if given else path


def _answered(answer: Answer) -> Response:
    status, body, media_type = answer
    return Response(body, status_code=status, media_type=media_type)


def _serving(asset: Asset) -> Callable[[Request], Awaitable[Response]]:
    headers = {"cache-control": "public, max-age=31536000, immutable"}

    async def serve(request: Request) -> Response:  # noqa: ARG001 - an endpoint's form
        return Response(asset.body, media_type=asset.media_type, headers=headers)

    return serve
