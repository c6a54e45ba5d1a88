"""The server: one Sanic application with the doors and the pages; nothing of Rasa's HTTP API."""

from __future__ import annotations

import logging
import os
import re
from asyncio import AbstractEventLoop
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import rasa.core.channels.channel
from rasa.core.channels.channel import InputChannel
from sanic import Sanic
from sanic.exceptions import NotFound, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, file, html, json

from infusion_guide.channels.origins import Origins
from infusion_guide.channels.rendering import browser_reply
from infusion_guide.channels.session import secret_key
from infusion_guide.contract import Reply
from infusion_guide.coordination.connection import shared_store
from infusion_guide.coordination.limits import MemoryLimiter
from infusion_guide.knowledge.files import read_clinic, read_phrases
from infusion_guide.knowledge.schema import Clinic
from infusion_guide.operation.metrics import metrics
from infusion_guide.safety.watch import Watch
from infusion_guide.serving.guide import AgentThread, load_agent, teach
from infusion_guide.serving.kiosk_page import kiosk_pages
from infusion_guide.serving.operating import AddressLimit, operate
from infusion_guide.serving.stages import measure_stages
from infusion_guide.settings import Settings

logger = logging.getLogger(__name__)

# Nothing inline, nothing from elsewhere.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# The script is fetched by the clinic's pages: it may be shown there, and is kept five minutes.
_SCRIPT_HEADERS = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=300"}
# The page at / also forbids to make markup or script of text, as a careful clinic's page does.
_PAGE_HEADERS = {
    "Content-Security-Policy": SECURITY_HEADERS["Content-Security-Policy"]
    + "; require-trusted-types-for 'script'; trusted-types 'none'"
}
_FILES = {
    "infusion-chat.js": "text/javascript; charset=utf-8",
    "clinic.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def demo_page(template: str, clinic: Clinic) -> str:
    """The page at /, with the clinic's own name and numbers in it."""
    details = {"clinic": clinic.name, "phone": clinic.care_team_phone, "emergency": clinic.emergency_number}
    dialled = {f"{name}_dialled": re.sub(r"[^\d+]", "", details[name]) for name in ("phone", "emergency")}
    return Template(template).substitute({key: escape(text) for key, text in {**details, **dialled}.items()})


MAX_REQUEST = 16_384


def _fixed_replies(settings: Settings) -> dict[str, dict[str, Any]]:
    """What a browser shows when a request cannot be served, by the phrase's id."""
    phrases, clinic = read_phrases(settings.knowledge / "phrases.yml"), read_clinic(settings.knowledge / "clinic.yml")
    return {
        name: browser_reply(Reply(outcome=phrases[name].outcome, text=clinic.fill(phrases[name].web)))
        for name in ("error", "too_long", "too_fast")
    }


def create_application(
    settings: Settings, model: Path, doors: Sequence[InputChannel], watch: Watch, name: str = "infusion_guide"
) -> Sanic:
    """The application with `doors` mounted at /webhooks/<door>, the widget in /web/ and a page that shows it at /.

    `watch` is the one that the doors' intake has; it is taught the model's detector.
    """
    app = Sanic(name, configure_logging=False)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.REQUEST_MAX_SIZE = MAX_REQUEST
    replies = _fixed_replies(settings)
    key = secret_key(os.environ.get("GUIDE_SECRET"), settings.variable).encode()
    by_address = MemoryLimiter(settings.address_messages_a_minute, settings.address_burst)
    operate(
        app, settings, AddressLimit(settings, shared_store(settings.redis_url), by_address, key), replies["too_fast"]
    )
    rasa.core.channels.channel.register(list(doors), app, route="/webhooks/")
    web = settings.root / "web"

    async def load(running: Sanic, _: AbstractEventLoop) -> None:
        agent = load_agent(model)
        teach(watch, agent)
        measure_stages(agent, metrics())
        running.ctx.agent, running.ctx.model = AgentThread(agent), model.name
        running.ctx.forget = running.ctx.agent.forget

    async def end(running: Sanic, _: AbstractEventLoop) -> None:
        running.ctx.agent.stop()

    app.register_listener(load, "before_server_start")
    app.register_listener(end, "after_server_stop")

    origins = Origins(settings.origins)

    async def root(_: Request) -> HTTPResponse:
        template = (web / "index.html").read_text(encoding="utf-8")
        return html(demo_page(template, read_clinic(settings.knowledge / "clinic.yml")), headers=_PAGE_HEADERS)

    async def static(request: Request, name: str) -> HTTPResponse:
        if name not in _FILES:
            raise NotFound("not found")
        response: HTTPResponse = await file(str(web / name), mime_type=_FILES[name])
        if name.endswith(".js"):
            # A page that pins the script with an integrity hash must be allowed to read it.
            response.headers.update({**_SCRIPT_HEADERS, **origins.headers(request.headers.get("origin"))})
        return response

    app.blueprint(kiosk_pages(settings))
    app.add_route(root, "/", methods=["GET"], name="root")
    app.add_route(static, "/web/<name:str>", methods=["GET"], name="static")

    async def refuse(request: Request | None, error: Exception) -> HTTPResponse:
        status = error.status_code if isinstance(error, SanicException) else 500
        if status >= 500:
            logger.error("a request failed", exc_info=error)
        # Never a stack trace and never the request's own words.
        body: dict[str, Any] = {"error": "not found" if status == 404 else "the request could not be served"}
        if request is not None and request.path.startswith("/webhooks/") and status != 404:
            body["reply"] = replies["too_long" if status == 413 else "error"]
        return json(body, status=status)

    app.error_handler.add(Exception, refuse)

    async def secure(_: Request, response: HTTPResponse) -> None:
        for header, value in SECURITY_HEADERS.items():
            response.headers.setdefault(header, value)

    app.register_middleware(secure, "response")
    return app
