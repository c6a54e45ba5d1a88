import pytest

from infusion_guide.settings import SettingsError, read_settings


@pytest.mark.parametrize("address", ["https://clinic.example/infusion", "http://10.0.0.5:5005/", ""])
def test_a_public_address_is_taken_as_it_is(tmp_path, address):
    assert read_settings({"GUIDE_PUBLIC_URL": address}, tmp_path).public_url == address


@pytest.mark.parametrize(
    "address",
    ["clinic.example", "javascript:alert(1)", "https://", "https://a.example/#x", "https://a.example/?who=me"],
)
def test_a_public_address_that_is_no_plain_page_is_refused_by_name(tmp_path, address):
    with pytest.raises(SettingsError, match="GUIDE_PUBLIC_URL must be a page's address"):
        read_settings({"GUIDE_PUBLIC_URL": address}, tmp_path)


def test_nobody_is_given_less_than_twenty_seconds_to_say_that_they_are_there(tmp_path):
    with pytest.raises(SettingsError, match="GUIDE_KIOSK_WARNING_SECONDS must lie between 20 and 120"):
        read_settings({"GUIDE_KIOSK_WARNING_SECONDS": "5"}, tmp_path)
