"""The pictures in docs/images: each is a line in the table, and can be taken."""

import pytest

from tests.web.screenshots import FOLDER, PICTURES, take

NAMED = {picture.name: picture for picture in PICTURES}


def test_every_picture_in_the_docs_has_its_line():
    assert len(NAMED) == len(PICTURES)
    assert {path.stem for path in FOLDER.glob("*.png")} == set(NAMED)


@pytest.mark.parametrize("name", ["widget-answer-dark", "kiosk-visit-landscape"])
def test_a_picture_can_be_taken(browser, url, tmp_path, name):
    assert take(NAMED[name], browser, url, tmp_path).stat().st_size > 10_000
