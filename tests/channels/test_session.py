import pytest

from infusion_guide.channels.session import SessionError, Sessions, secret_key


def test_a_token_leads_to_its_conversation():
    sessions = Sessions("key", "web", 30)
    first, second = sessions.begin(), sessions.begin()
    assert sessions.conversation(first) == sessions.conversation(first)
    assert sessions.conversation(first) != sessions.conversation(second)


@pytest.mark.parametrize(
    "spoil", [lambda token: "", lambda token: token[:-2], lambda token: token + "x", lambda _: "a.b.c"]
)
def test_a_spoilt_token_is_refused(spoil):
    sessions = Sessions("key", "web", 30)
    with pytest.raises(SessionError, match="forged"):
        sessions.conversation(spoil(sessions.begin()))


def test_a_token_of_another_key_or_door_is_refused():
    token = Sessions("key", "web", 30).begin()
    for sessions in (Sessions("other", "web", 30), Sessions("key", "kiosk", 30)):
        with pytest.raises(SessionError, match="forged"):
            sessions.conversation(token)


def test_an_old_token_is_refused():
    sessions = Sessions("key", "web", -1)
    with pytest.raises(SessionError, match="expired"):
        sessions.conversation(sessions.begin())


def test_the_key_is_made_once_and_readable_only_by_its_owner(tmp_path):
    key = secret_key(None, tmp_path)
    assert secret_key(None, tmp_path) == key
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert secret_key("from the environment", tmp_path) == "from the environment"
