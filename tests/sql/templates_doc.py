#!/usr/bin/python3
"""docs/templates.md: its example is a template, and it names every field that the database knows, and no other."""

import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import harness  # noqa: E402


def main(t):
    text = (ROOT / "docs" / "templates.md").read_text()
    db = harness.Database()
    example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.S).group(1))
    spec = {"displayName": "Studio", "command": ["x"], **example}
    answer = db.query("SELECT streamspace_rules.check_template_spec(:'spec');", user=None, spec=json.dumps(spec))
    t.eq(answer, "", "the example is accepted")
    answer = db.json("SELECT to_json(c) FROM streamspace_rules.check_parameters(:'spec', '{\"scale\": 3}') AS c;", user=None, spec=json.dumps(spec))
    t.eq(answer["parameters"], {"title": "Untitled", "scale": 3, "dark": False, "theme": "sea"}, "and gives a session what it says")
    bare = {"displayName": "X", "command": ["x"]}
    known = db.query("SELECT streamspace_rules.check_template_spec(:'spec');", user=None, spec=json.dumps({**bare, "surprise": 1}))
    t.eq(json.loads(known)["detail"]["pointer"], "/spec/surprise", "control: an unknown field is refused")
    table = text.split("## Parameters")[0]
    named = set(re.findall(r"`([a-z][A-Za-z]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))))
    body = (ROOT / "sql" / "rules" / "check_template_spec.sql").read_text()
    fields = set(re.findall(r"'(\w+)'", re.search(r"check_keys\('/spec', p_spec, ARRAY\[(.*?)\]", body, re.S).group(1)))
    t.eq(sorted(fields - named - {"defaultResources", "kasmvnc"}), [], "every field stands in the table")
    t.eq(sorted(named - fields), [], "and every field of the table is one")


if __name__ == "__main__":
    harness.main(main)
