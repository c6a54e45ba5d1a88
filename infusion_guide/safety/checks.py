"""The checks of warning_signs.yml: what must hold before its words may reach a frightened person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from infusion_guide.knowledge.checks import Finding, review_reasons, text_reasons
from infusion_guide.knowledge.examples import MENTION, REPORT, Example
from infusion_guide.knowledge.schema import SETTINGS, STATUSES, TIERS, Advice, Knowledge, Sign
from infusion_guide.safety.phrases import PhraseReader

MAX_WORDS = 60
MAX_GRADE = 6.0
MAX_SMS = 306
MIN_PHRASES = 10
MIN_REPORTS = 40
PLACEHOLDERS = {"clinic", "phone", "emergency", "crisis", "after_hours", "sign"}


def _reached(knowledge: Knowledge) -> set[tuple[str, str]]:
    """Every tier and setting that a sign can lead to."""
    signs = knowledge.warning_signs.signs.values()
    return {(tier, setting) for sign in signs for setting in SETTINGS if (tier := sign.tier(setting)) is not None}


def _advice_reasons(advice: Advice, knowledge: Knowledge) -> Iterator[str]:
    texts = {
        "web": advice.web,
        "kiosk": advice.kiosk,
        "sms": advice.sms,
        "spanish": advice.spanish,
        "spanish_sms": advice.spanish_sms,
    }
    for name, text in texts.items():
        for unknown in sorted(set(re.findall(r"\{(\w*)\}", text)) - PLACEHOLDERS):
            yield f"{name}: unknown placeholder {{{unknown}}}"
            return
    signs = [s for s in knowledge.warning_signs.signs.values() if s.tier(advice.setting) == advice.tier]
    for sign in signs:
        filled = {name: knowledge.clinic.fill(text, sign=sign.name) for name, text in texts.items()}
        for name in ("web", "kiosk"):
            yield from (
                f"{name}, {sign.id}: {reason}" for reason in text_reasons(filled[name], MAX_WORDS, None, MAX_GRADE)
            )
        # A Spanish message gets both texts in one pair of segments.
        both = f"{filled['sms']}\n\n{filled['spanish_sms']}"
        yield from (f"sms and spanish_sms, {sign.id}: {r}" for r in text_reasons(both, None, MAX_SMS, None))


def _sign_reasons(sign: Sign, knowledge: Knowledge, reports: Counter[str], today: date) -> Iterator[str]:
    for source in sign.sources:
        if source not in knowledge.warning_signs.sources:
            yield f"unknown source {source}"
    phrases = knowledge.warning_signs.phrases(sign.id)
    if len(phrases) < MIN_PHRASES:
        yield f"{len(phrases)} phrases, at least {MIN_PHRASES}"
    if reports[sign.id] < MIN_REPORTS:
        yield f"{reports[sign.id]} reports in data/nlu/warning_signs.yml, at least {MIN_REPORTS}"
    if sign.infusing is not None and sign.home is not None:
        # In the clinic a nurse is at hand; at home, "tell the nurse" would send nobody anywhere.
        if sign.home == "nurse_now":
            yield "nurse_now is no tier for home"
    elif sign.infusing is None:
        yield "a sign must call for something while infusing"
    try:
        PhraseReader({sign.id: phrases})
    except ValueError as error:
        yield str(error)
    yield from review_reasons(sign.review, today)


def _unwell_reasons(knowledge: Knowledge) -> Iterator[str]:
    for name, text in knowledge.warning_signs.unwell.texts.items():
        unknown = sorted(set(re.findall(r"\{(\w*)\}", text)) - (PLACEHOLDERS - {"sign"}))
        if unknown:
            yield f"unwell, {name}: unknown placeholder {{{unknown[0]}}}"
        else:
            reasons = text_reasons(knowledge.clinic.fill(text), MAX_WORDS, None, MAX_GRADE)
            yield from (f"unwell, {name}: {reason}" for reason in reasons)


def check_warning_signs(knowledge: Knowledge, examples: Iterable[Example], folder: Path, today: date) -> list[Finding]:
    """Everything wrong with the warning signs and their examples, by file and line."""
    path = str(folder / "warning_signs.yml")
    signs, findings = knowledge.warning_signs, []
    reports: Counter[str] = Counter()
    for example in examples:
        if example.intent not in (REPORT, MENTION):
            continue
        reports[example.sign] += example.intent == REPORT
        reason = None
        if example.sign not in signs.signs and not (example.sign == "none" and example.intent == MENTION):
            reason = f"unknown sign {example.sign!r}"
        elif example.status not in STATUSES or (example.status == "present") != (example.intent == REPORT):
            reason = f"the status {example.status!r} does not fit the intent {example.intent}"
        if reason:
            findings.append(Finding(str(example.path), example.line, reason))
    for tier, setting in sorted(_reached(knowledge), key=lambda key: (TIERS.index(key[0]), key[1])):
        if (tier, setting) not in signs.advice and (tier, "home") not in signs.advice:
            findings.append(Finding(path, 1, f"no advice for {tier}, {setting}"))
    findings += [Finding(path, signs.unwell.line, reason) for reason in _unwell_reasons(knowledge)]
    for advice in signs.advice.values():
        name = f"advice {advice.tier}, {advice.setting}"
        findings += [Finding(path, advice.line, f"{name}: {r}") for r in _advice_reasons(advice, knowledge)]
    for sign in signs.signs.values():
        findings += [
            Finding(path, sign.line, f"{sign.id}: {r}") for r in _sign_reasons(sign, knowledge, reports, today)
        ]
    return sorted(set(findings))
