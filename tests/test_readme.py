"""What the README says of configuration, roles and libraries is what the code does."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from accounts.roles import ALLOWED, Ability, Role

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ("settings.py", "gunicorn.py", "providers.py", "mailboxes.py")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _table(first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading, the heading's row first."""
    lines = README[README.index(f"| {first_heading} |") :].splitlines()
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]


def test_the_configuration_table_names_every_variable_that_is_read():
    source = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in SETTINGS)
    read = set(re.findall(r'(?:env\.\w+|_secret)\(\s*"([A-Z0-9_]+)"', source)) - {"ANYMAIL_", "PORT"}
    assert {name.strip("`") for name, *_rest in _table("variable")[1:]} == read


def test_the_roles_table_is_the_table_in_the_code():
    heading, *rows = _table("ability")
    assert heading[1:] == list(Role.values)
    said = {row[0]: {role for role, cell in zip(heading[1:], row[1:], strict=True) if cell == "yes"} for row in rows}
    assert said == {ability.value: {role.value for role in ALLOWED[ability]} for ability in Ability}


def test_every_library_has_a_line_that_says_why():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=,]", line)[0] for line in asked if Requirement(line)}
    said = dict(_table("library")[1:])
    assert set(said) == names
    assert all(said.values())


def test_every_picture_and_file_that_the_readme_shows_is_there():
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []
    assert [path for path in shown if (ROOT / path).stat().st_size > 200_000] == []
