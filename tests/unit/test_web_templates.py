"""What every template keeps to."""

from pathlib import Path

TEMPLATES = Path(__file__).parent.parent.parent / "web" / "templates"


def test_no_template_names_an_address_without_the_base_path() -> None:
    """`{{ root }}` stands before every path of ours, or href() makes it."""
    bare = ('href="/', 'src="/', 'action="/', "url(/")
    files = TEMPLATES.glob("*.html")
    assert [f.name for f in files if any(one in f.read_text("utf-8") for one in bare)] == []
