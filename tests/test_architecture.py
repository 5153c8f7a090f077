"""The rules of the code's shape, read from the source: who imports whom, what stands where, and what stands nowhere."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "catalog", "billing", "cart", "tickets", "onboarding")
MAY_IMPORT = {
    "accounts": set(),
    "catalog": {"accounts"},
    "billing": {"accounts", "catalog"},
    "cart": {"accounts", "catalog", "billing"},
    "tickets": {"accounts", "catalog", "billing"},
    "onboarding": {"accounts", "catalog", "billing"},
}
# Inside an app nothing imports what stands further down; a module that is not named here is a service.
LAYERS = (
    {"models", "texts", "roles", "crypto", "money", "cycles", "selection", "provinces", "qris", "signals"},
    {
        "transitions",
        "numbering",
        "pricing",
        "configuration",
        "lines",
        "offers",
        "domains",
        "discounts",
        "proration",
        "tax",
        "snapshots",
    },
    {"services"},
    {"forms", "configure_form", "controls", "item_forms", "list_forms", "tasks", "emails", "demo"},
    {"views", "admin", "feeds"},
    {"urls"},
)
# Application set-up and commands stand outside of the layers: they tie things together.
OUTSIDE = {"apps", "management", "migrations", "__init__"}
LINES_AT_MOST = 400
# Where text is declared safe, each for a reason: made by a sanitiser there.
MARKED_SAFE = {"catalog/markdown.py", "catalog/stencils.py"}
# A field's help text is written in the code; Django's own may hold a list (the rules for passwords).
TRUSTS_OUR_OWN_TEXTS = {"templates/forms/field.html"}
RUN_A_QUERY = {
    "get", "first", "last", "earliest", "latest", "exists", "count", "aggregate", "in_bulk", "get_or_create",
    "update_or_create",
}  # fmt: skip
EVALUATORS = {"list", "tuple", "set", "dict", "len", "bool", "sorted", "next", "get_object_or_404"}


def _modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> set[str]:
    """Every module that the file imports, inside functions too, and names imported from packages as modules."""
    return _imported_by(ast.walk(_tree(path)))


def _imported_by(nodes: Iterable[ast.AST]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _layer(module: str) -> int | None:
    """The layer of ``billing.views.invoices``; ``None`` for what stands outside of the layers."""
    parts = module.split(".")
    name = parts[1] if len(parts) > 1 else "__init__"
    if name in OUTSIDE:
        return None
    return next((number for number, names in enumerate(LAYERS) if name in names), 2)


def _module_name(path: Path) -> str:
    return _relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("app", APPS)
def test_apps_import_only_what_lies_below_them(app):
    forbidden = {*APPS, "config", "tests"} - MAY_IMPORT[app] - {app}
    upward = {
        (_relative(path), module)
        for path in _modules(app)
        for module in _imports(path)
        if module.split(".")[0] in forbidden
    }
    assert upward == set()


def test_nothing_imports_the_tests():
    importers = {
        _relative(path) for path in _modules(*APPS, "config") if any(m.split(".")[0] == "tests" for m in _imports(path))
    }
    assert importers == set()


@pytest.mark.parametrize("app", APPS)
def test_foreign_keys_point_only_downwards(app):
    allowed = MAY_IMPORT[app] | {app}
    upward = {
        f"{model.__name__}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if field.related_model._meta.app_label in APPS and field.related_model._meta.app_label not in allowed
    }
    assert upward == set()


@pytest.mark.parametrize("app", APPS)
def _starts_tasks(path: Path) -> set[str]:
    """Imports of tasks inside a function: a service may hand work to the worker, which calls services in its turn."""
    functions = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef)]
    inside = _imported_by(child for function in functions for child in ast.walk(function))
    return {module for module in inside if module.split(".")[1:2] == ["tasks"]}


@pytest.mark.parametrize("app", APPS)
def test_modules_import_no_later_layer_of_their_app(app):
    downward = set()
    for path in _modules(app):
        own = _layer(_module_name(path))
        for module in _imports(path) - _starts_tasks(path):
            other = _layer(module) if module.split(".")[0] == app else None
            if own is not None and other is not None and other > own:
                downward.add((_relative(path), module))
    assert downward == set()


def test_no_module_is_longer_than_a_reader_can_keep_in_mind():
    long = {
        _relative(path): lines
        for path in _modules(*APPS, "config", "tests")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LINES_AT_MOST
    }
    assert long == {}


def test_no_business_hides_in_model_signals():
    hidden = {
        (_relative(path), node.id)
        for path in _modules(*APPS, "config")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Name) and node.id in {"pre_save", "post_save", "pre_delete", "post_delete"}
    }
    assert hidden == set()


def test_only_receivers_and_set_up_listen_to_signals():
    listeners = {
        _relative(path)
        for path in _modules(*APPS)
        if "django.dispatch.receiver" in _imports(path) and path.name not in {"receivers.py", "apps.py"}
    }
    assert listeners == set()


def _is_evaluated(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether the query that begins with this call reaches the database in the same expression."""
    node: ast.AST = call
    last = "select_for_update"
    while isinstance(parent := parents[node], ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node):
        last = parent.attr if isinstance(parent, ast.Attribute) else last
        node = parent
    if last in RUN_A_QUERY:
        return True
    if isinstance(parent, ast.Call):
        name = parent.func.id if isinstance(parent.func, ast.Name) else getattr(parent.func, "attr", "")
        return name in EVALUATORS
    return isinstance(parent, ast.For | ast.comprehension | ast.Subscript | ast.Starred)


def test_every_lock_is_taken():
    """A queryset with ``select_for_update()`` that nobody evaluates locks nothing."""
    idle = set()
    for path in _modules(*APPS, "config"):
        tree = _tree(path)
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        idle |= {
            (_relative(path), node.lineno)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "select_for_update"
            and not _is_evaluated(node, parents)
        }
    assert idle == set()


def test_text_is_marked_safe_only_where_it_was_made_safe():
    marked = {
        _relative(path)
        for path in _modules(*APPS, "config")
        if "django.utils.safestring.mark_safe" in _imports(path) or "SafeString(" in path.read_text(encoding="utf-8")
    }
    assert marked <= MARKED_SAFE


def _templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))


def _matches(paths: list[Path], pattern: str) -> set[tuple[str, str]]:
    regex = re.compile(pattern)
    return {
        (_relative(path), match.group(0)[:80])
        for path in paths
        for match in regex.finditer(path.read_text(encoding="utf-8"))
    }


def test_no_template_trusts_what_people_typed():
    pages = [path for path in _templates() if path.suffix == ".html"]
    found = _matches(pages, r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off")
    assert {path for path, _match in found} <= TRUSTS_OUR_OWN_TEXTS


def _page_templates() -> list[Path]:
    """What browsers are sent: neither emails nor the documents that WeasyPrint prints."""
    return [path for path in _templates() if path.relative_to(ROOT / "templates").parts[0] not in {"email", "pdf"}]


def test_pages_have_no_inline_script_or_style():
    assert (
        _matches(_page_templates(), r"<script(?![^>]*\bsrc=)|<style|\sstyle=[\"']|\son[a-z]+=[\"']|javascript:")
        == set()
    )


def test_pages_load_nothing_from_elsewhere():
    remote = r"<(script|link|img|iframe|source|use|video|audio|embed|object)\b[^>]*(src|href)=[\"'](https?:)?//"
    assert _matches(_templates(), remote) == set()
    styles_and_scripts = sorted((ROOT / "static").rglob("*.css")) + sorted((ROOT / "static").rglob("*.js"))
    assert (
        _matches(styles_and_scripts, r"(url\(\s*[\"']?|@import\s+[\"']|fetch\([\"']|import\([\"'])(https?:)?//")
        == set()
    )


def test_nothing_is_left_for_later():
    later = _matches(list(_modules(*APPS, "config", "tests")) + _templates(), r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
    assert later == set()
