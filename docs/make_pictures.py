"""Write the pictures of the documentation from the ontology: python docs/make_pictures.py."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from PIL import Image
from PIL.PngImagePlugin import PngInfo

import calcinosis
from calcinosis.output.pictures import graph_pictures as pictures
from calcinosis.output.pictures.cohort_pictures import missing, overlaps, standings

HERE = Path(__file__).parent
PUBLISHED = HERE.parent / "examples" / "published"
PAGE = HERE / "pictures" / "cohort.png"
WIDTH, HEIGHT = 1180, 900


def criteria() -> str:
    """The criteria by subtypes of the default viewpoint, as SVG."""
    return pictures.criteria(calcinosis.load().ontology, "svg").decode()


def cohort() -> str:
    """The verdicts on the teaching patients as bars, as a cohort's page shows them."""
    found = calcinosis.load().classify([HERE.parent / "examples" / "patients.yaml"])
    return standings(found.cohort).svg("cohort")


PICTURES = {"criteria.svg": criteria, "cohort.svg": cohort}


def page(check: bool) -> int:
    """Take the cohort page of the published cases as a browser shows it, if it shows other numbers.

    The picture says of which numbers it is, so that no browser is needed to look whether it is
    stale.
    """
    found = calcinosis.load().classify([PUBLISHED])
    drawn = "".join(make(found.cohort).svg("x") for make in (standings, missing, overlaps))
    mark = hashlib.sha256(drawn.encode()).hexdigest()
    if PAGE.is_file() and Image.open(PAGE).info.get("of") == mark:
        return 0
    if check:
        return 1
    program = which("chromium")
    if program is None:
        raise SystemExit(f"{PAGE.name} shows other numbers. Take it anew: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "cohort.html"
        words = ["classify", str(PUBLISHED), "--quiet", "-o", str(path)]
        subprocess.run([sys.executable, "-m", "calcinosis", *words], check=True)  # noqa: S603
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=False)
        opened = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        opened.goto(path.as_uri())
        taken = Image.open(BytesIO(opened.screenshot())).convert(
            "P", palette=Image.Palette.ADAPTIVE
        )
        browser.close()
    said = PngInfo()
    said.add_text("of", mark)
    taken.save(PAGE, optimize=True, pnginfo=said)
    return 0


def main(check: bool) -> int:
    """Write the pictures, or with ``--check`` say how many are stale."""
    stale = page(check)
    for name, make in PICTURES.items():
        path, text = HERE / "pictures" / name, make()
        if check:
            stale += not path.is_file() or path.read_text(encoding="utf-8") != text
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
