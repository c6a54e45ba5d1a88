import asyncio
import uuid

import pytest

from infusion_guide.coordination.connection import SharedStore
from infusion_guide.coordination.keys import KeyStore
from infusion_guide.coordination.once import Once


class Answering:
    """Counts how often it is asked; `worth` says whether its replies are kept."""

    def __init__(self, worth=True, seconds=0.0):
        self.asked, self._worth, self._seconds = 0, worth, seconds

    async def __call__(self):
        self.asked += 1
        number = self.asked
        await asyncio.sleep(self._seconds)
        return f"reply {number}", self._worth


@pytest.fixture
def message():
    return uuid.uuid4().hex


@pytest.fixture(params=["redis", "alone"])
def processes(request):
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        return Once(KeyStore(SharedStore(url))), Once(KeyStore(SharedStore(url)))
    one = Once(KeyStore(SharedStore(None)))
    return one, one


async def test_a_message_sent_again_gets_the_first_reply(processes, message):
    answer = Answering()
    assert [await each.reply(message, answer) for each in processes] == ["reply 1", "reply 1"]
    assert answer.asked == 1


async def test_who_sends_again_too_early_waits_for_the_reply(processes, message):
    answer = Answering(seconds=0.2)
    replies = await asyncio.gather(*(each.reply(message, answer) for each in processes))
    assert (replies, answer.asked) == (["reply 1", "reply 1"], 1)


async def test_an_error_is_not_kept(processes, message):
    answer = Answering(worth=False)
    assert [await each.reply(message, answer) for each in processes] == ["reply 1", "reply 2"]


async def test_a_turn_that_fails_can_be_tried_again(processes, message):
    async def broken():
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        await processes[0].reply(message, broken)
    assert await processes[1].reply(message, Answering()) == "reply 1"


async def test_two_messages_are_two(processes, message):
    answer = Answering()
    assert [await processes[0].reply(message + end, answer) for end in "ab"] == ["reply 1", "reply 2"]
