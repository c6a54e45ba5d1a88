"""Short forms are written out where they mean nothing else."""

from pathlib import Path

import pytest
import yaml

from infusion_guide.text.short_forms import ShortForms

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def short_forms() -> ShortForms:
    blocks = yaml.safe_load((ROOT / "data" / "nlu" / "short_forms.yml").read_text(encoding="utf-8"))["nlu"]
    return ShortForms({b["lookup"]: [line[2:] for line in b["examples"].splitlines()] for b in blocks})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("wat r da pills 4", "what are the pills for"),
        ("y do u need 2 doses", "why do you need 2 doses"),
        ("how long b4 it works 4 me", "how long before it works for me"),
        ("can i c my doc 2day", "can i see my doctor today"),
        ("what 2 expect", "what to expect"),
        ("is it 4 life?", "is it for life?"),
        ("do i have 2 wait 4 hrs", "do i have to wait 4 hours"),
        ("w/o the steroid", "without the steroid"),
    ],
)
def test_a_short_form_is_written_out(short_forms, written, read):
    assert short_forms.written_out(written) == read


@pytest.mark.parametrize(
    "text", ["b cells and hep c", "102.4 and 39 c", "4 hours seems long", "phase 2", "2 doses", "the rituximab's"]
)
def test_what_may_mean_itself_stays(short_forms, text):
    assert short_forms.written_out(text) == text


def test_without_tables_nothing_changes():
    assert ShortForms({}).written_out("wat r u") == "wat r u"
