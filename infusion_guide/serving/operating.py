"""Operating a running server: alive, ready, metrics, request ids, limits by address, and the daily purge."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import re
import secrets
from datetime import timedelta
from typing import Any

import structlog
from sanic import Sanic
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, json, raw
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.channels.operated import over_limit
from infusion_guide.coordination.connection import SharedStore, shared_store
from infusion_guide.coordination.limits import Limiter, SharedLimiter
from infusion_guide.knowledge.store import open_database
from infusion_guide.knowledge.tables import knowledge_load
from infusion_guide.operation.doors import doors
from infusion_guide.operation.metrics import CONTENT_TYPE, metrics
from infusion_guide.serving.retention import DAILY_SECONDS, purge
from infusion_guide.settings import Settings

logger = logging.getLogger(__name__)

# A proxy's $request_id; anything else might carry a person's words into the logs.
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")
# All text messages come from the few addresses of the provider, each with a signature.
_WITHOUT_ADDRESS_LIMIT = "/webhooks/sms"


def _state(engine: Engine) -> dict[str, Any]:
    """What the database says of itself: the knowledge loaded last, and the doors."""
    try:
        with engine.connect() as connection:
            columns = (knowledge_load.c.id, knowledge_load.c.digest)
            newest = connection.execute(select(*columns).order_by(knowledge_load.c.id.desc()).limit(1)).first()
        state: dict[str, Any] = {"database": "ok", "knowledge": None, "doors": doors(engine)}
        if newest is not None:
            state["knowledge"] = {"load": newest.id, "digest": newest.digest[:12]}
        return state
    except SQLAlchemyError:
        return {"database": "away", "knowledge": None, "doors": None}


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def may_see_metrics(request: Request, token: str | None) -> bool:
    """Whether metrics are shown: with the token, or, where none is set, to this machine and through no proxy."""
    if token is not None:
        return hmac.compare_digest((request.token or "").encode(), token.encode())
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return _is_loopback(request.ip) and not forwarded


class AddressLimit:
    """A limit for each address; what is remembered of an address is a digest that cannot be turned back."""

    def __init__(self, settings: Settings, store: SharedStore, local: Limiter, key: bytes) -> None:
        self._key = key
        self._limiter = SharedLimiter(
            store, local, "address", settings.address_messages_a_minute, settings.address_burst
        )

    def allows(self, address: str) -> bool:
        """Whether an address may send one more. Loopback may: a proxy that names nobody would be everybody."""
        if _is_loopback(address):
            return True
        return self._limiter.allows(hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()[:32])


def operate(app: Sanic, settings: Settings, limit: AddressLimit, too_fast: dict[str, Any]) -> None:
    """Add /health, /ready, /metrics, request ids, the limit by address and the daily purge to `app`.

    `too_fast` is the body for somebody over the limit who begins a conversation; a message over the limit is still
    read for warning signs by the intake.
    """
    engine = open_database(settings.database_url)
    store = shared_store(settings.redis_url)
    # Sanic reads X-Forwarded-For only as far as there are proxies of ours; otherwise anybody could pick an address.
    app.config.PROXIES_COUNT = settings.proxies or None
    # A turn that has begun is answered before the process ends.
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = settings.reply_seconds + 2.0

    async def health(_: Request) -> HTTPResponse:
        return json({"status": "alive"})

    async def ready(_: Request) -> HTTPResponse:
        state, shared = await asyncio.gather(asyncio.to_thread(_state, engine), asyncio.to_thread(store.look))
        model = getattr(app.ctx, "model", None)
        is_ready = model is not None and state["database"] == "ok" and state["knowledge"] is not None
        status = "ready" if is_ready else "not ready"
        return json({"status": status, "model": model, **state, "shared": shared}, status=200 if is_ready else 503)

    async def measured(request: Request) -> HTTPResponse:
        if not may_see_metrics(request, settings.metrics_token):
            raise NotFound("not found")
        metrics().shared.set(0 if store.state == "away" else 1)
        return raw(await asyncio.to_thread(metrics().rendered), content_type=CONTENT_TYPE)

    app.add_route(health, "/health", methods=["GET"], name="health")
    app.add_route(ready, "/ready", methods=["GET"], name="ready")
    app.add_route(measured, "/metrics", methods=["GET"], name="metrics")

    async def arrive(request: Request) -> HTTPResponse | None:
        given = request.headers.get("x-request-id", "")
        request.ctx.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.ctx.request_id)
        over_limit.set(False)
        if request.method != "POST" or request.path.startswith(_WITHOUT_ADDRESS_LIMIT):
            return None
        if limit.allows(request.remote_addr or request.ip):
            return None
        metrics().refused.labels("address").inc()
        if request.path.startswith("/webhooks/") and not request.path.endswith("/session"):
            over_limit.set(True)
            return None
        return json({"error": "too many requests", "reply": too_fast}, status=429)

    async def leave(request: Request, response: HTTPResponse) -> None:
        if response is not None and hasattr(request.ctx, "request_id"):
            response.headers.setdefault("X-Request-ID", request.ctx.request_id)

    app.register_middleware(arrive, "request")
    app.register_middleware(leave, "response")

    async def purge_daily() -> None:
        engines = [engine]
        if settings.conversations_url != settings.database_url:
            engines.append(open_database(settings.conversations_url))
        while True:
            try:
                deleted = await asyncio.to_thread(purge, engines, timedelta(days=settings.keep_days))
                logger.info("purged", extra={"deleted": sum(deleted.values())})
            except SQLAlchemyError:
                logger.exception("the daily purge failed; it is tried again tomorrow")
            await asyncio.sleep(DAILY_SECONDS)

    async def begin(running: Sanic, _: asyncio.AbstractEventLoop) -> None:
        running.ctx.purging = asyncio.ensure_future(purge_daily())

    async def end(running: Sanic, _: asyncio.AbstractEventLoop) -> None:
        running.ctx.purging.cancel()
        await asyncio.wait({running.ctx.purging})

    app.register_listener(begin, "after_server_start")
    app.register_listener(end, "before_server_stop")
