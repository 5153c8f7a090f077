"""The floors of the libraries, and the lock files: complete, hashed, and without an address."""

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DIRECT = [Requirement(line) for line in [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]]
LOCKS = ["requirements.txt", "requirements-dev.txt"]


@pytest.mark.parametrize(
    ("library", "floor"), [("Django", "5.2.19"), ("django-allauth", "65.16.1"), ("weasyprint", "69"), ("celery", "5.7")]
)
def test_a_library_is_not_older_than_its_floor(library, floor):
    assert Version(version(library)) >= Version(floor)


def test_django_is_the_long_term_release():
    assert Version(version("Django")).release[:2] == (5, 2)


def test_python_is_3_11_or_later():
    assert sys.version_info >= (3, 11)
    assert PROJECT["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda requirement: requirement.name)
def test_what_is_installed_is_what_the_project_asks_for(requirement):
    assert requirement.specifier.contains(version(requirement.name))


def _pins(lock: str) -> dict[str, str]:
    """Name → pinned version of a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_address_and_hashes_every_pin(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert {block.split("==")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block} == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_installed_is_what_is_locked(lock):
    pins = _pins(lock)
    direct = (
        DIRECT if lock == "requirements-dev.txt" else [Requirement(one) for one in PROJECT["project"]["dependencies"]]
    )
    assert {one.name.lower(): version(one.name) for one in direct} == {
        one.name.lower(): pins.get(one.name.lower()) for one in direct
    }
