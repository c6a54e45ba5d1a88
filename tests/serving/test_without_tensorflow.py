"""A process that only answers goes without TensorFlow, and answers as ever."""

import subprocess
import sys

import pytest

from infusion_guide.serving.without_tensorflow import TensorFlowLeftOutError, leave_tensorflow_out
from tests.running import ROOT

STAND_IN = """
from infusion_guide.serving.without_tensorflow import leave_tensorflow_out
assert leave_tensorflow_out()
import tensorflow as tf
from tensorflow.keras.layers import Layer
"""
LOADED = """
from infusion_guide.environment import quiet_environment
quiet_environment()
from infusion_guide.serving.without_tensorflow import leave_tensorflow_out
leave_tensorflow_out()
import asyncio, sys
from pathlib import Path
import rasa.engine.recipes.default_components
from infusion_guide.serving.guide import load_agent
from infusion_guide.serving.model import trained_model
agent = load_agent(trained_model(Path(sys.argv[1])))
asked = asyncio.run(agent.parse_message("what is the benadryl for"))
print(asked["answer_ranking"][0]["label"], hasattr(sys.modules["tensorflow"], "__file__"), "jax" in sys.modules)
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)


def test_the_trained_model_answers_without_tensorflow():
    done = run(LOADED, str(ROOT))
    assert done.stdout.split() == ["premedication/antihistamine", "False", "False"], done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "class Mine(Layer):\n    size: tf.float32 = 1",
        "@tf.function\ndef one(): return 1\nassert one() == 1",
        "@tf.function(reduce_retracing=True)\ndef one(): return 1\nassert one() == 1",
    ],
)
def test_its_names_may_stand_in_definitions(code):
    done = run(STAND_IN + code)
    assert done.returncode == 0, done.stderr


def test_whoever_calls_it_is_told():
    done = run(STAND_IN + "tf.constant([1, 2])")
    assert TensorFlowLeftOutError.__name__ in done.stderr


def test_a_process_that_has_it_keeps_it():
    import tensorflow

    assert not leave_tensorflow_out()
    assert tensorflow.constant([1, 2]).shape == (2,)
