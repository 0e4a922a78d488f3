"""The recipes of the README, the examples of the docstrings, and docstrings themselves."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import graphmill

README = Path(__file__).parents[1] / "README.md"
RECIPES = re.findall(r"### ([^\n]+)\n.*?```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_there_are_five_recipes():
    assert len(RECIPES) == 5


@pytest.mark.parametrize(("title", "code"), RECIPES, ids=[title for title, _ in RECIPES])
def test_recipe(title, code):
    if "polars" in code:
        pytest.importorskip("polars")
    exec(compile(code, title, "exec"), {})


MODULES = [f"graphmill.{module.name}" for module in pkgutil.iter_modules(graphmill.__path__)]


@pytest.mark.parametrize("name", ["graphmill", *MODULES])
def test_examples(name):
    module = importlib.import_module(name)
    done = doctest.testmod(module, extraglobs={"graphmill": graphmill, "Index": graphmill.Index})
    assert done.failed == 0


def test_everything_public_is_described():
    lacking = []
    for name in graphmill.__all__:
        thing = getattr(graphmill, name)
        if inspect.isfunction(thing) and not thing.__doc__:
            lacking.append(name)
        if inspect.isclass(thing):
            members = [(key, value) for key, value in vars(thing).items() if not key.startswith("_")]
            lacking += [
                f"{name}.{key}" for key, value in members
                if (inspect.isfunction(value) or isinstance(value, property)) and not value.__doc__]
            if not thing.__doc__:
                lacking.append(name)
    assert not lacking
