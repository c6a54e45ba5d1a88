"""The kiosk's page: tiles and the card for feeling unwell written into it by the server, and what its tiles lead to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from string import Template
from typing import Any

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, file, html, json, redirect

from infusion_guide.channels.origins import Origins
from infusion_guide.knowledge.files import read_knowledge
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge, Timeline
from infusion_guide.knowledge.store import KnowledgeStore, KnowledgeUnavailableError, open_database
from infusion_guide.settings import Settings

_FILES = {
    "kiosk.css": "text/css; charset=utf-8",
    "kiosk.js": "text/javascript; charset=utf-8",
    "timeline.js": "text/javascript; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
}


def _about(answer: Answer) -> list[dict[str, str]]:
    """What an answer can be about besides everybody: a therapy, a condition or both."""
    return [
        {key: value for key, value in (("therapy", v.therapy), ("condition", v.condition)) if value != "any"}
        for v in answer.variants
        if (v.therapy, v.condition) != ("any", "any")
    ]


def _words(knowledge: Knowledge, phrase: str) -> str:
    """A fixed phrase as the kiosk says it; nothing where a database holds none."""
    return knowledge.clinic.fill(knowledge.phrases[phrase].text("kiosk")) if phrase in knowledge.phrases else ""


def _timeline(timeline: Timeline, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "id": timeline.id,
        "title": timeline.title,
        "notes": [] if timeline.review.state == "approved" else [_words(knowledge, "not_reviewed")],
        "steps": [
            {
                "title": step.title,
                "phase": step.phase,
                "when": _words(knowledge, f"timeline/{step.phase}"),
                "icon": step.icon,
                "answer": step.answer,
                "question": knowledge.answers[step.answer].question if step.answer in knowledge.answers else step.title,
                "texts": {therapy: step.text(therapy).text for therapy in THERAPIES},
            }
            for step in timeline.steps
        ],
    }


def contents(knowledge: Knowledge) -> dict[str, Any]:
    """What can be asked by touch: topics with their questions, and the timelines; nobody's words, the same for all."""
    questions: dict[str, list[dict[str, Any]]] = {topic: [] for topic in knowledge.topics}
    for answer in knowledge.answers.values():
        questions.setdefault(answer.topic, []).append(
            {"id": answer.id, "title": answer.question, "about": _about(answer)}
        )
    titles = {topic.id: topic.title for topic in knowledge.topics.values()}
    return {
        "topics": [
            {"id": topic, "title": titles.get(topic, topic), "questions": asked}
            for topic, asked in questions.items()
            if asked
        ],
        "therapies": [{"id": therapy, "title": _words(knowledge, f"for_{therapy}")} for therapy in THERAPIES],
        "timelines": [_timeline(timeline, knowledge) for timeline in knowledge.timelines.values()],
    }


def _tiles(name: str, items: Iterable[dict[str, Any]]) -> str:
    return "\n".join(
        f'<li><button type="button" class="tile {name}" data-{name}="{escape(item["id"])}">'
        f"{escape(item['title'])}</button></li>"
        for item in items
    )


def _signs(knowledge: Knowledge, tier: str) -> str:
    """The names of the signs that call for `tier` in the clinic, as a list."""
    names = (sign.name for sign in knowledge.warning_signs.signs.values() if sign.tier("infusing") == tier)
    return "\n".join(f"<li>{escape(name[:1].upper() + name[1:])}</li>" for name in names)


def page(template: Template, knowledge: Knowledge, settings: Settings) -> str:
    """The page as the kiosk gets it."""
    clinic, warning = knowledge.clinic, knowledge.warning_signs
    held = contents(knowledge)
    texts = {
        "clinic": clinic.name,
        "welcome": _words(knowledge, "welcome"),
        "not_reviewed": _words(knowledge, "not_reviewed"),
        "unwell_heading": warning.unwell.heading,
        "unwell_text": clinic.fill(warning.unwell.text),
        "unwell_emergency": clinic.fill(warning.unwell.emergency),
        "unwell_nurse_now": clinic.fill(warning.unwell.nurse_now),
        "unwell_crisis": clinic.fill(warning.unwell.crisis),
        "crisis_advice": clinic.fill(warning.advice_for("crisis", "infusing").text("kiosk"), sign="")
        if ("crisis", "infusing") in warning.advice
        else "",
        "idle": str(settings.kiosk_idle_seconds),
        "warning": str(settings.kiosk_warning_seconds),
        "emergency": str(settings.kiosk_emergency_seconds),
        "code": "yes" if settings.public_url else "no",
    }
    return template.substitute(
        {name: escape(text) for name, text in texts.items()},
        timelines=_tiles("timeline", held["timelines"]),
        topics=_tiles("topic", held["topics"]),
        emergency_signs=_signs(knowledge, "emergency"),
        nurse_now_signs=_signs(knowledge, "nurse_now"),
    )


def kiosk_pages(settings: Settings) -> Blueprint:
    """The routes of the page at /kiosk/ and of what can be asked by touch at /contents.json."""
    routes = Blueprint("kiosk_pages")
    folder = settings.root / "web" / "kiosk"
    store = KnowledgeStore(open_database(settings.database_url))
    origins = Origins(settings.origins)

    @lru_cache(maxsize=1)
    def of_files() -> Knowledge:
        return read_knowledge(settings.knowledge)

    def knowledge() -> Knowledge:
        try:
            return store.knowledge()
        except KnowledgeUnavailableError:
            # Without the database nothing can be answered, but somebody unwell must still find what to do.
            return of_files()

    async def show(_: Request) -> HTTPResponse:
        template = Template((folder / "index.html").read_text(encoding="utf-8"))
        response: HTTPResponse = html(page(template, knowledge(), settings))
        return response

    async def part(_: Request, name: str) -> HTTPResponse:
        if name not in _FILES:
            raise NotFound("not found")
        response: HTTPResponse = await file(str(folder / name), mime_type=_FILES[name])
        return response

    async def without_slash(_: Request) -> HTTPResponse:
        response: HTTPResponse = redirect("/kiosk/")
        return response

    async def held(request: Request) -> HTTPResponse:
        # For the pages that may speak to the web door: their widget shows the timelines too.
        origin = request.headers.get("origin")
        if not origins.allows(origin, request.host):
            return json({"error": "this website is not allowed to show the guide (GUIDE_ORIGINS)"}, status=403)
        response: HTTPResponse = json(contents(knowledge()), headers=origins.headers(origin))
        return response

    routes.add_route(show, "/kiosk/", methods=["GET"], name="page", strict_slashes=True)
    routes.add_route(without_slash, "/kiosk", methods=["GET"], name="without_slash", strict_slashes=True)
    routes.add_route(part, "/kiosk/<name:str>", methods=["GET"], name="part")
    routes.add_route(held, "/contents.json", methods=["GET"], name="contents")
    return routes
