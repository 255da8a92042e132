"""Renders templates to pages. Text is escaped, and a security policy blocks everything from outside a page."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined


def render_page(template: str, *, script: str | None = None, **values: object) -> str:
    """Renders a self-contained HTML page that includes the style sheet.

    The content security policy admits only the style sheet, the script (both by checksum) and images inside the page.
    Mark-up in an article's text would therefore do no harm even if it were not escaped.

    Args:
        template: the file name of the template.
        script: the file name of a script to include, or None.
        values: the variables of the template.
    """
    style = _source("page.css")
    code = _source(script) if script else ""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_checksum(style)}'",
            f"script-src '{_checksum(code)}'" if code else "script-src 'none'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return _environment().get_template(template).render(policy=policy, style=style, script=code, **values)


def render_text(template: str, **values: object) -> str:
    """Renders text from a template that switches escaping off, such as Markdown. `values` must already be escaped."""
    return _environment().get_template(template).render(**values)


def _source(name: str) -> str:
    return (files("afteraction.evaluation.report") / "templates" / name).read_text(encoding="utf-8")


def _checksum(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("afteraction.evaluation.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
