import json
import os
import subprocess
import sys

import pytest

from infusion_guide.channels.feedback import Feedback
from infusion_guide.knowledge.store import open_database
from tests.conftest import ROOT

COMMAND = [sys.executable, "-m", "infusion_guide.cli"]


def run(*arguments, cwd=ROOT, stdin="", **environment):
    variables = {**os.environ, "GUIDE_ROOT": str(cwd), **environment}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, input=stdin, env=variables, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["serve", "--help"],
        ["ask", "--help"],
        ["evaluate", "--help"],
        ["feedback", "--help"],
        ["train", "--help"],
        ["sms-simulate", "--help"],
        ["knowledge", "--help"],
    ],
)
def test_help_says_what_a_command_does(arguments):
    result = run(*arguments)
    assert result.returncode == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (["frobnicate"], "", "No such command"),
        (["ask"], "", "give either a question or --jsonl"),
        (["ask", "how long", "--jsonl"], "", "give either a question or --jsonl"),
        (["ask", "--jsonl"], "not json\n", "standard input:1: not JSON"),
        (["ask", "--jsonl"], '{"id": 1}\n', "standard input:1: a line needs a text or turns"),
        (["serve", "--port", "99999999"], "", "port"),
        (["evaluate", "no-such-file.jsonl"], "", "no-such-file.jsonl"),
        (["sms-simulate"], "hi\n", "GUIDE_TWILIO_TOKEN is not set"),
        (["sms-simulate", "--start", "--at", "http://127.0.0.1:1"], "", "either --start or --at"),
    ],
)
def test_wrong_use_is_told_in_one_line(arguments, stdin, words):
    result = run(*arguments, stdin=stdin)
    assert result.returncode == 2
    errors = [line for line in result.stderr.splitlines() if "Error:" in line]
    assert len(errors) == 1
    assert words.lower() in errors[0].lower()
    assert "Traceback" not in result.stderr


def test_a_bad_setting_is_named():
    result = run("knowledge", "coverage", GUIDE_PORT="http")
    assert result.returncode == 2
    assert "GUIDE_PORT must be a whole number" in result.stderr


def test_another_folder_is_not_the_guides(tmp_path):
    result = run("knowledge", "check", cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert result.returncode == 2
    assert "config.yml" in result.stderr


def test_a_damaged_file_is_named_and_nothing_is_loaded(tmp_path):
    import shutil

    for name in ("knowledge", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "config.yml").touch()
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'guide.db'}", "PYTHONPATH": str(ROOT)}
    assert run("knowledge", "load", cwd=tmp_path, **environment).stdout.endswith(" 0 changed, 0 removed, 0 unchanged\n")
    path = tmp_path / "knowledge" / "answers" / "schedule.yml"
    path.write_text(path.read_text()[:400])
    result = run("knowledge", "load", cwd=tmp_path, **environment)
    assert result.returncode == 1
    assert "schedule.yml:" in result.stderr
    assert "Traceback" not in result.stderr


def test_coverage_lists_every_fact():
    result = run("knowledge", "coverage")
    assert result.returncode == 0
    assert "expect.logistics.ivig-hours: during-infusion/length" in result.stdout
    assert result.stdout.splitlines()[-1] == "229 facts; stated nowhere: 0 patient facts, 0 clinician facts"


def test_ask_prints_what_a_patient_reads(guide, tmp_path):
    result = run("ask", "whats the benadryl for", GUIDE_VAR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "antihistamine" in result.stdout
    assert "From: IV Therapy for Sjögren's: What to Expect — The Logistics of Infusion Sessions" in result.stdout
    assert result.stderr == ""


def test_ask_jsonl_answers_each_line_in_a_conversation_of_its_own(guide, tmp_path):
    rows = [
        {"id": "a", "text": "how long does rituximab take"},
        {"id": "b", "turns": [{"user": "tell me about IVIG"}, {"user": "how long does it take"}], "channel": "sms"},
        {"id": "c", "text": "how often is it given"},
    ]
    result = run("ask", "--jsonl", stdin="\n".join(map(json.dumps, rows)), GUIDE_VAR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    replies = {reply["id"]: reply["turns"] for reply in map(json.loads, result.stdout.splitlines())}
    assert [len(replies[name]) for name in "abc"] == [1, 2, 1]
    assert replies["a"][0]["answers"][0]["id"] == "during-infusion/length"
    assert "expect.logistics.ivig-hours" in replies["b"][1]["answers"][0]["facts"]
    assert set(replies["a"][0]) == {"outcome", "outcomes", "tier", "answers", "choices", "text", "ms"}


def test_feedback_is_counted_for_the_clinic(tmp_path):
    url = f"sqlite:///{tmp_path / 'guide.db'}"
    assert run("feedback", DATABASE_URL=url).stdout == "0 yes, 0 no in all\n"
    Feedback(open_database(url)).add(["premedication/why"], helpful=False)
    assert run("feedback", DATABASE_URL=url).stdout == "premedication/why: 0 yes, 1 no\n0 yes, 1 no in all\n"
