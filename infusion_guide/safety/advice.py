"""Advice: the reply to a warning sign, made of fixed words: what to do first, then a way to say more."""

from __future__ import annotations

from collections.abc import Mapping

from infusion_guide.contract import FIXED_CHOICES, NOT_RUNNING, ONLY_ASKING, RUNNING, Choice, Reply
from infusion_guide.knowledge.schema import Clinic, Phrase, WarningSigns
from infusion_guide.safety.detector import Detection

# Below these tiers the rest of the message may be answered too.
NOTHING_ELSE = ("crisis", "emergency")


def setting_choices(phrases: Mapping[str, Phrase], channel: str) -> tuple[Choice, ...]:
    """The answers to "Is your infusion running right now?", and the way out for somebody who only asked."""
    return tuple(
        Choice(choice, phrases[FIXED_CHOICES[choice][1]].text(channel), ())
        for choice in (RUNNING, NOT_RUNNING, ONLY_ASKING)
    )


def triage_reply(
    detection: Detection,
    warning_signs: WarningSigns,
    clinic: Clinic,
    phrases: Mapping[str, Phrase],
    channel: str,
    *,
    choices: tuple[Choice, ...] = (),
    doubt: str = "",
) -> Reply:
    """The advice for a detected sign; `choices` are what else to ask, shown only below emergency.

    Where the setting is unknown, the person is asked whether the infusion is running, after the safest advice. `doubt`
    is what is said, after the advice, to somebody who doubts it.
    """
    sign = warning_signs.signs[detection.sign]
    advice = warning_signs.advice_for(detection.tier, detection.setting)
    paragraphs = [clinic.fill(f"{advice.text(channel)} {doubt}".strip(), sign=sign.name)]
    if detection.spanish:
        paragraphs.append(clinic.fill(advice.spanish_text(channel), sign=sign.spanish))
    offered: tuple[Choice, ...] = ()
    # A text message has no room for both: where the person is comes first, the rest of the message after that.
    asks = detection.setting == "unknown" and detection.tier != "crisis"
    rest = choices if detection.tier not in NOTHING_ELSE and not (asks and channel == "sms") else ()
    if rest:
        paragraphs.append(phrases["triage_rest"].text(channel))
    if asks:
        paragraphs.append(phrases["triage_question"].text(channel))
        offered = setting_choices(phrases, channel)
    offered = (*offered, *rest)
    text = "\n\n".join(paragraphs)
    return Reply(
        outcome="triage",
        text=text,
        tier=detection.tier,
        choices=offered,
        heading=phrases[f"triage_heading_{detection.tier}"].text(channel),
        phones=tuple(number for number in clinic.phones if number in text),
    )
