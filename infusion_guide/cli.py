"""The command `infusion-guide`: serve, ask, evaluate, train, and the care of the knowledge."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.environment import quiet_environment
from infusion_guide.knowledge.checks import check, check_documents
from infusion_guide.knowledge.coverage import coverage
from infusion_guide.knowledge.examples import read_examples
from infusion_guide.knowledge.files import KnowledgeFileError, read_knowledge
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.schema import Knowledge
from infusion_guide.knowledge.store import load, open_database
from infusion_guide.operation.doors import DOORS
from infusion_guide.safety.checks import check_warning_signs
from infusion_guide.serving.without_tensorflow import leave_tensorflow_out
from infusion_guide.settings import Settings, SettingsError, read_settings, read_text_settings

if TYPE_CHECKING:
    from rasa.core.channels.channel import InputChannel

    from infusion_guide.channels.intake import Intake
    from infusion_guide.serving.guide import Guide


_SWITCH_SECONDS = 0.0005


class OneLine(click.ClickException):
    """A mistake of the user's: one clear line, exit code 2."""

    exit_code = 2


def _settings() -> Settings:
    try:
        settings = read_settings()
    except SettingsError as error:
        raise OneLine(str(error)) from error
    if not (settings.root / "config.yml").exists():
        raise OneLine(f"{settings.root} is not the guide's folder (no config.yml): go there, or set GUIDE_ROOT")
    return settings


def _knowledge(settings: Settings) -> Knowledge:
    try:
        return read_knowledge(settings.knowledge)
    except KnowledgeFileError as error:
        raise click.ClickException(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="infusion-guide")
def main() -> None:
    """The infusion guide: what to expect from IVIG and rituximab, answered from the clinic's own documents."""
    quiet_environment()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


@main.command()
@click.option("--force", is_flag=True, help="Train even if a model of the present data is there.")
def train(force: bool) -> None:
    """Train the model, if what it is made of has changed."""
    from infusion_guide.serving import model

    settings = _settings()
    if force or not model.model_path(settings.root).exists():
        click.echo("Training the model; this takes a few minutes.")
    try:
        path, trained = model.train(settings.root, force)
    except model.ModelMissingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'Trained' if trained else 'Up to date:'} {path.relative_to(settings.root)}")


@main.command()
def model() -> None:
    """Print where the model of the present data lies."""
    from infusion_guide.serving.model import ModelMissingError, trained_model

    try:
        click.echo(str(trained_model(_settings().root)))
    except ModelMissingError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--host", help="Address to listen on (GUIDE_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (GUIDE_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes on the port (GUIDE_WORKERS); needs REDIS_URL.")
@click.option("--socket", "descriptor", type=int, hidden=True, help="A listening socket, from the supervisor.")
def serve(host: str | None, port: int | None, workers: int | None, descriptor: int | None) -> None:
    """Serve the doors and the chat page; load new knowledge first."""
    from infusion_guide.operation.logs import configure_logs

    settings = _settings()
    try:
        read_text_settings()
    except SettingsError as error:
        raise OneLine(str(error)) from error
    configure_logs()
    if descriptor is not None:
        _serve_doors(settings, _knowledge(settings), descriptor=descriptor)
        return
    count = workers or settings.workers
    if count > 1 and settings.redis_url is None:
        raise OneLine("several workers need REDIS_URL: through it they share their locks and limits")
    knowledge = _load_knowledge(settings)
    if knowledge.clinic.demo and settings.in_production:
        raise OneLine(
            f"{settings.knowledge / 'clinic.yml'} holds the numbers of an invented clinic: "
            "fill in your own and set demo to false"
        )
    if knowledge.clinic.demo:
        click.echo("Note: knowledge/clinic.yml still holds the details of the invented demo clinic.", err=True)
    address = host or settings.host
    listening = settings.port if port is None else port
    click.echo(f"Open http://{'localhost' if address == '127.0.0.1' else address}:{listening}/ (Ctrl-C ends the guide)")
    if count == 1:
        _serve_doors(settings, knowledge, address, listening)
    else:
        _supervise(settings, address, listening, count)


def _doors(settings: Settings, intake: Intake) -> list[InputChannel]:
    """The doors on one intake; that for text messages only where it is set up."""
    from infusion_guide.channels.kiosk import KioskDoor
    from infusion_guide.channels.sms import SmsDoor
    from infusion_guide.channels.text_messages import MissingPhraseError
    from infusion_guide.channels.web import WebDoor

    doors: list[InputChannel] = [WebDoor.with_intake(intake, settings), KioskDoor.with_intake(intake, settings)]
    texts = read_text_settings()
    try:
        if texts is not None:
            doors.append(SmsDoor.with_intake(intake, settings, texts))
    except MissingPhraseError as error:
        raise click.ClickException(str(error)) from error
    return doors


def _serve_doors(
    settings: Settings, knowledge: Knowledge, address: str = "", port: int = 0, descriptor: int | None = None
) -> None:
    """Serve in this process, on an address or on a socket that the supervisor listens on."""
    import os
    import socket

    leave_tensorflow_out()
    # The doors and the agent have a thread each: by default one waits five milliseconds for the other to give way.
    sys.setswitchinterval(_SWITCH_SECONDS)
    from infusion_guide.channels.web import intake_for
    from infusion_guide.safety.watch import Watch
    from infusion_guide.serving.model import ModelMissingError, trained_model
    from infusion_guide.serving.server import create_application
    from infusion_guide.serving.supervisor import end_with_parent

    try:
        model = trained_model(settings.root)
    except ModelMissingError as error:
        raise click.ClickException(str(error)) from error
    watch = Watch(knowledge.warning_signs)
    app = create_application(settings, model, _doors(settings, intake_for(settings, watch)), watch)
    if descriptor is None:
        app.run(host=address, port=port, access_log=False, debug=False)
        return
    end_with_parent(os.getppid())
    app.run(sock=socket.socket(fileno=descriptor), access_log=False, debug=False)


def _supervise(settings: Settings, address: str, port: int, count: int) -> None:
    """Keep `count` processes serving on one port."""
    import os

    from infusion_guide.serving.supervisor import Supervisor, listening_socket, metrics_folder

    try:
        listening = listening_socket(address, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {address}:{port}: {error.strerror}") from error
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(settings.variable))}
    command = [sys.executable, "-m", "infusion_guide.cli", "serve"]
    Supervisor(command, count, listening, environment, settings.reply_seconds + 5.0).run()


@main.command()
@click.argument("name", type=click.Choice(DOORS), required=False)
@click.argument("state", type=click.Choice(["on", "off"]), required=False)
def door(name: str | None, state: str | None) -> None:
    """List the doors, or switch one on or off: off, it gives the phone number, and still meets warning signs."""
    from infusion_guide.operation.doors import doors, switch

    if name is not None and state is None:
        raise OneLine(f"say on or off: infusion-guide door {name} off")
    database = _database(_settings())
    if name is not None:
        switch(database, name, state == "on")
    for each, is_open in doors(database).items():
        click.echo(f"{each}: {'on' if is_open else 'off'}")


def _database(settings: Settings) -> Engine:
    engine = open_database(settings.database_url)
    try:
        migrate(engine, settings.root / "migrations")
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database cannot be used: {_first_line(error)}") from error
    return engine


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


@main.command()
def unanswered() -> None:
    """Print the questions that were left open, newest first: time, door, redacted words (GUIDE_KEEP_UNANSWERED)."""
    from infusion_guide.privacy.unanswered import UnansweredQuestions

    settings = _settings()
    for question in UnansweredQuestions(_database(settings)).all():
        click.echo(f"{question.asked_at:%Y-%m-%d %H:%M}  {question.channel:<6} {question.text}")
    if not settings.keep_unanswered:
        click.echo("Note: none are kept now; set GUIDE_KEEP_UNANSWERED=1 to keep them.", err=True)


@main.command(name="purge")
@click.option("--older-than", required=True, metavar="AGE", help="As 30d or 12h.")
def purge_command(older_than: str) -> None:
    """Delete what is kept of conversations, unanswered questions and warning signs met that is older than AGE."""
    from infusion_guide.serving.retention import age, purge

    settings = _settings()
    try:
        limit = age(older_than)
    except ValueError as error:
        raise OneLine(f"--older-than {older_than!r}: {error}") from error
    engines = [_database(settings)]
    if settings.conversations_url != settings.database_url:
        engines.append(_database(replace(settings, database_url=settings.conversations_url)))
    for name, count in purge(engines, limit).items():
        click.echo(f"{count} {name} deleted")


@main.command(name="sms-simulate")
@click.option("--start", is_flag=True, help="Start a guide of its own on a free port, with secrets made up for it.")
@click.option("--at", help="Address of the running guide [default: http://GUIDE_HOST:GUIDE_PORT].")
@click.option("--number", default="+15550100001", show_default=True, help="The number that texts.")
def sms_simulate(start: bool, at: str | None, number: str) -> None:
    """Text with the guide from the terminal, through Twilio's webhook with a real signature. A line is a message."""
    from infusion_guide.serving.phone import NoGuideError, Phone, started_guide

    if start and at:
        raise OneLine("give either --start or --at")
    settings = _settings()
    try:
        texts = read_text_settings()
    except SettingsError as error:
        raise OneLine(str(error)) from error
    with ExitStack() as opened:
        try:
            if start:
                click.echo("Starting a guide; this takes some seconds.", err=True)
                address, texts = opened.enter_context(started_guide(settings))
            else:
                host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host
                address = (at or f"http://{host}:{settings.port}").rstrip("/")
            if texts is None or not texts.twilio_token:
                raise OneLine("GUIDE_TWILIO_TOKEN is not set: set it as for the guide that runs, or use --start")
            phone = Phone(address, texts, number)
            phone.check()
            click.echo(f"Texting with {address} as {number}; Ctrl-D ends.", err=True)
            for line in sys.stdin:
                received = phone.text(line.rstrip("\n"))
                click.echo(f"> {line.rstrip()}")
                click.echo("(no reply)" if received.text is None else received.text)
                cost = f"{received.characters} characters, {received.segments} segments"
                click.echo(f"  [{cost}, {received.milliseconds:.0f} ms]")
        except NoGuideError as error:
            raise click.ClickException(str(error)) from error


def _guide(settings: Settings) -> Guide:
    from infusion_guide.serving.guide import load_guide
    from infusion_guide.serving.model import ModelMissingError, trained_model

    try:
        return load_guide(trained_model(settings.root), settings)
    except ModelMissingError as error:
        raise click.ClickException(str(error)) from error


def _rows(lines: Iterable[str], name: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise OneLine(f"{name}:{number}: not JSON ({error.msg})") from error
        if not isinstance(row, dict) or not ("text" in row or "turns" in row):
            raise OneLine(f"{name}:{number}: a line needs a text or turns")
        rows.append(row)
    return rows


@main.command()
@click.argument("question", required=False)
@click.option(
    "--jsonl", is_flag=True, help="Read a set from standard input, a JSON object a line; write a reply a line."
)
@click.option("--channel", type=click.Choice(["web", "kiosk", "sms"]), default="web", help="As if through this door.")
def ask(question: str | None, jsonl: bool, channel: str) -> None:
    """Ask the guide a QUESTION and print what a patient reads."""
    if jsonl == (question is not None):
        raise OneLine("give either a question or --jsonl")
    leave_tensorflow_out()
    from infusion_guide.serving.asking import replies_to

    settings = _settings()
    rows = _rows(sys.stdin, "standard input") if jsonl else []
    _load_knowledge(settings)
    guide = _guide(settings)

    async def run() -> None:
        if question is not None:
            reply = await replies_to(guide, {"text": question, "channel": channel})
            click.echo(reply["turns"][0]["text"])
        for row in rows:
            click.echo(json.dumps(await replies_to(guide, row), ensure_ascii=False))

    asyncio.run(run())


@main.command()
@click.argument("sets", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--misses/--no-misses", default=True, help="Print the messages that were not met.")
def evaluate(sets: tuple[Path, ...], misses: bool) -> None:
    """Score the guide on SETS of messages (by default those in benchmarks/held_out) and print the misses."""
    leave_tensorflow_out()
    from infusion_guide.evaluation import score, table
    from infusion_guide.serving.asking import replies_to

    settings = _settings()
    chosen = sets or tuple(sorted((settings.root / "benchmarks" / "held_out").glob("*.jsonl")))
    rows_by_set = {path: _rows(path.read_text(encoding="utf-8").splitlines(), str(path)) for path in chosen}
    _load_knowledge(settings)
    guide = _guide(settings)

    async def replies(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [await replies_to(guide, row) for row in rows]

    for path, rows in rows_by_set.items():
        if not rows:
            raise OneLine(f"{path} is empty")
        figures = score(rows, asyncio.run(replies(rows)))
        click.echo(table(path.name, figures))
        if misses:
            for miss in figures.misses:
                click.echo(f"  {miss}")


@main.group(name="knowledge")
def knowledge_group() -> None:
    """Check, load and survey what the clinic says (knowledge/)."""


@knowledge_group.command(name="check")
@click.option(
    "--documents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the source documents as <id>.txt: report sections whose text has changed.",
)
def knowledge_check(documents: Path | None) -> None:
    """Check the knowledge and the examples; every finding names file, line and reason. Exit 1 if there is one."""
    from infusion_guide.channels.text_checks import check_text_messages

    settings = _settings()
    knowledge = _knowledge(settings)
    try:
        examples = read_examples(settings.root / "data" / "nlu")
    except KnowledgeFileError as error:
        raise click.ClickException(str(error)) from error
    findings = check(knowledge, examples, settings.knowledge, date.today())
    findings += check_warning_signs(knowledge, examples, settings.knowledge, date.today())
    findings += check_text_messages(knowledge, settings.knowledge)
    if documents:
        findings += check_documents(knowledge, documents, settings.knowledge)
    for finding in findings:
        click.echo(str(finding))
    answers = len(knowledge.answers)
    click.echo(f"{len(findings)} findings in {answers} answers, {len(knowledge.facts)} facts, {len(examples)} examples")
    if findings:
        sys.exit(1)


def _load_knowledge(settings: Settings) -> Knowledge:
    knowledge = _knowledge(settings)
    load(_database(settings), knowledge)
    return knowledge


@knowledge_group.command(name="load")
def knowledge_load() -> None:
    """Bring the database to the files, in one transaction; earlier versions are kept."""
    settings = _settings()
    knowledge = _knowledge(settings)
    result = load(_database(settings), knowledge)
    click.echo(
        f"{result.added} added, {result.changed} changed, {result.removed} removed, {result.unchanged} unchanged"
    )


@knowledge_group.command(name="coverage")
def knowledge_coverage() -> None:
    """Print which answers state each fact, and what is stated nowhere. Exit 1 if a patient fact is."""
    settings = _settings()
    found = coverage(_knowledge(settings))
    for fact_id, answers in found.stated_by.items():
        click.echo(f"{fact_id}: {', '.join(answers) or '— stated nowhere'}")
    patient, others = found.unstated_patient_facts, len(found.unstated) - len(found.unstated_patient_facts)
    click.echo(f"{len(found.stated_by)} facts; stated nowhere: {len(patient)} patient facts, {others} clinician facts")
    if patient:
        sys.exit(1)


@main.command()
def feedback() -> None:
    """Print how many people said of each answer that it helped, and how many that it did not."""
    from infusion_guide.channels.feedback import Feedback

    settings = _settings()
    engine = open_database(settings.database_url)
    migrate(engine, settings.root / "migrations")
    counts = Feedback(engine).counts()
    for answer_id, yes, no in counts:
        click.echo(f"{answer_id}: {yes} yes, {no} no")
    click.echo(f"{sum(yes for _, yes, _ in counts)} yes, {sum(no for _, _, no in counts)} no in all")


if __name__ == "__main__":
    main()
