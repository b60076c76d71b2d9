"""Each recipe is a configuration that can be used, and together they use all kinds."""

import re

import pytest

from support.agent import ROOT
from support.documents import curlew, keys, schema

TEXT = (ROOT / "conf" / "recipes.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^## (.+?)$.*?^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("title, recipe", RECIPES, ids=[title for title, _ in RECIPES])
def test_the_recipe_is_good(tmp_path, title, recipe):
    file = tmp_path / "config.yml"
    file.write_text(recipe, encoding="utf-8")
    done = curlew("check", "--strict", file)
    assert (done.returncode, done.stderr) == (0, ""), title


@pytest.mark.parametrize("title, recipe", RECIPES, ids=[title for title, _ in RECIPES])
def test_the_recipe_pleases_editors(title, recipe):
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")
    jsonschema.validate(yaml.safe_load(recipe), schema(), cls=jsonschema.Draft7Validator), title


def test_every_heading_has_its_recipe():
    assert len(RECIPES) == TEXT.count("\n## ") == TEXT.count("```yaml") >= 12


def test_all_kinds_are_used():
    kinds = {name.removeprefix("type: ") for _, name in keys()
             if name.startswith("type: ") or name.isupper()} - {"http"}
    assert {"slack", "webhook", "HTTP_STATUS", "LATENCY", "REGEX", "TOKEN"} <= kinds
    for kind in kinds:
        assert f"type: {kind}" in TEXT, kind
