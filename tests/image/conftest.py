"""
The image itself: it is there already ($IMAGES says which), and this runs it.
"""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from support.cachet import Cachet                              # noqa: E402
from support.container import Container                        # noqa: E402
from support.target import Target                              # noqa: E402

IMAGES = os.environ.get("IMAGES", "curlew:slim curlew:minimal").split()


@pytest.fixture(params=IMAGES)
def image(request):
    return request.param


@pytest.fixture
def slim():
    return IMAGES[0]


@pytest.fixture
def target():
    with Target() as server:
        yield server


@pytest.fixture
def cachet():
    with Cachet() as server:
        yield server


@pytest.fixture
def start():
    """start(image, *options, words=()) -> a Container that runs."""
    started = []

    def run(image, *options, words=()):
        container = Container(image, options, words)
        started.append(container)
        return container

    yield run
    for container in started:
        container.close()
