"""Origins: the websites whose pages may speak to the web door, each named exactly."""

from __future__ import annotations

from collections.abc import Iterable


class Origins:
    """Which pages may call: those of this server itself, and those of the listed sites."""

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._listed = frozenset(listed)

    def allows(self, origin: str | None, host: str) -> bool:
        """Whether a request with this `Origin` header, sent to `host`, may be served; without one no page sent it.

        The scheme is left out for the server's own pages: behind a proxy with TLS the guide itself sees http.
        """
        return origin is None or origin in self._listed or (bool(host) and origin.partition("://")[2] == host)

    def headers(self, origin: str | None) -> dict[str, str]:
        """What lets a page of a listed site read a response. Never "*": the answer differs from site to site."""
        if origin is None or origin not in self._listed:
            return {"Vary": "Origin"}
        return {"Vary": "Origin", "Access-Control-Allow-Origin": origin}
