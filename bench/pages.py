"""The light and heavy pages whose capture is measured; all content is generated."""

import io
import random
from functools import cache

from PIL import Image

from bench import corpus

LIGHT_IMAGES, HEAVY_IMAGES = 3, 45
SCRIPTS, SCRIPT_BYTES = 3, 633_000
CSS = """
body { font: 16px/1.6 sans-serif; margin: 0 auto; max-width: 1100px; color: #222; padding: 0 24px }
body.wide { max-width: 1200px }
h1 { font-size: 34px } h2 { border-bottom: 1px solid #ddd; margin-top: 1.6em }
nav a { margin-right: 1em } img { max-width: 100%; border-radius: 4px }
.gallery { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px }
.card { box-shadow: 0 1px 4px rgba(0,0,0,.3); padding: 12px 16px; margin: 12px 0 }
table { border-collapse: collapse; width: 100% } td { border: 1px solid #ccc; padding: 4px 8px }
"""
APP = """
const lib = window.lib, keys = Object.keys(lib), list = [...Array(200).keys()];
let sum = 0;
for (const key of keys) sum += lib[key](list, key.length).value;
const began = performance.now();
for (let i = 0; i < ROUNDS; i++) sum += Math.sin(i) * Math.sqrt(i);
window.spent = performance.now() - began;
const chart = document.querySelector('canvas').getContext('2d');
for (let row = 0; row < 8; row++) {
  chart.beginPath(); chart.strokeStyle = `hsl(${row * 45} 70% 45%)`; chart.lineWidth = 2;
  for (let x = 0; x < 1100; x++) chart.lineTo(x, 200 + 150 * Math.sin(x / (40 + row * 9) + row));
  chart.stroke();
}
const table = document.querySelector('table');
for (let row = 0; row < 120; row++) {
  const line = table.insertRow();
  for (let cell = 0; cell < 6; cell++) line.insertCell().textContent = keys[(row * 6 + cell) % keys.length];
}
const cards = document.querySelector('#cards'), words = document.querySelector('template').content.textContent.split('\\n');
words.forEach((text, n) => {
  const card = document.createElement('div');
  card.className = 'card'; card.textContent = `${n}. ${text}`; cards.append(card);
});
document.title += ` ${keys.length}`;
""".replace("ROUNDS", "12e6")


def body(path: str) -> tuple[str, bytes] | None:
    """(content type, bytes) of what is served at a path; None for nothing."""
    kind, _, name = path.strip("/").partition("/")
    number = int("".join(filter(str.isdigit, name)) or 0)
    if kind in ("light", "heavy"):
        return "text/html; charset=utf-8", (light if kind == "light" else heavy)(number).encode()
    if kind == "css":
        return "text/css", CSS.encode()
    if kind == "photo":
        return "image/jpeg", photo(number)
    if kind == "script":
        return "text/javascript", script(number).encode()
    return None


def light(number: int) -> str:
    """About 28 kB of HTML, one style sheet, three pictures, some 9,800 px tall."""
    rest = _paragraphs(number, 27_000)
    parts = []
    for image in range(LIGHT_IMAGES):
        cut = len(rest) // LIGHT_IMAGES
        parts.append(f"<h2>{_title(number + image)}</h2>")
        parts.append("".join(rest[image * cut : (image + 1) * cut]))
        parts.append(f'<p><img src="/photo/{image}.jpg" width="772" height="507" alt=""></p>')
    return _page(number, "", "".join(parts))


def heavy(number: int) -> str:
    """45 pictures, 1.9 MB of scripts that draw a chart and build half the page, 14,500 px tall."""
    images = "".join(
        f'<img src="/photo/{image}.jpg" width="389" height="255" alt="">'
        for image in range(HEAVY_IMAGES)
    )
    scripts = "".join(f'<script src="/script/{n}.js"></script>' for n in range(SCRIPTS))
    inside = (
        f'{"".join(_paragraphs(number, 8_000))}<canvas width="1100" height="400"></canvas>'
        f'<div class="gallery">{images}</div><h2>Table</h2><table></table><div id="cards"></div>'
        f"<template>{corpus.text(number + 1, 7_000)}</template>{scripts}<script>{APP}</script>"
    )
    return _page(number, ' class="wide"', inside)


def _page(number: int, attributes: str, inside: str) -> str:
    language = "zh" if corpus.is_chinese(number) else "en"
    title = _title(number)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="/css/site.css"></head><body{attributes}>'
        f'<nav><a href="/">Home</a><a href="/list">All</a></nav><article><h1>{title}</h1>'
        f"{inside}</article></body></html>"
    )


def _title(number: int) -> str:
    return corpus.text(number)[:24].strip()


def _paragraphs(number: int, size: int) -> list[str]:
    return [f"<p>{line}</p>\n" for line in corpus.text(number, size).split("\n")]


@cache
def photo(number: int) -> bytes:
    """Something as hard to encode as a photograph, some 35 kB as JPEG."""
    rng = random.Random(number)
    colours = Image.frombytes("RGB", (12, 8), rng.randbytes(12 * 8 * 3))
    picture = colours.resize((640, 420), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((640, 420), 40).convert("RGB")
    out = io.BytesIO()
    Image.blend(picture, grain, 0.03).save(out, "JPEG", quality=80)
    return out.getvalue()


@cache
def script(number: int) -> str:
    """A library of small functions; all of them are called once."""
    rng = random.Random(number)
    parts, size = ["window.lib = window.lib || {};\n"], 0
    while size < SCRIPT_BYTES:
        parts.append(_function(rng, number, len(parts)))
        size += len(parts[-1])
    return "".join(parts)


def _function(rng: random.Random, number: int, place: int) -> str:
    name = f"{rng.choice(corpus.english().words)}_{number}_{place}"
    words = " ".join(corpus.english().draw(rng, 12))
    return (
        f"lib.{name} = function (list, size) {{\n  let value = {rng.randrange(999)};\n"
        f"  for (let at = 0; at < list.length; at += {rng.randrange(20, 60)}) {{\n"
        f"    value = (value * {rng.randrange(3, 99)} + list[at] * size) % {rng.randrange(1000, 99999)};\n"
        f'  }}\n  return {{ value, text: "{words}" }};\n}};\n'
    )
