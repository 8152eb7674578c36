"""The look of cards and pages: one small sheet, no fonts and no pictures of its own."""

from __future__ import annotations

SHEET = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1rem 3rem; background: #fff; color: #1b1b1b;
  font: 17px/1.6 Georgia, "Noto Naskh Arabic", "DejaVu Serif", "DejaVu Sans", serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .4rem 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ccc; }
a { color: #174a7c; }
.note, .meta, dl, summary, .attempts, .verdict { font: 14px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #555; }
.card { border: 1px solid #bbb; border-inline-start: .4rem solid #7a8793; padding: .7rem 1rem; margin: .8rem 0; background: #fbfbf9; }
.card.here { border-inline-start-color: #2c7a4b; }
.card.partial { border-inline-start-color: #b7821b; }
.card.gone { border-inline-start-color: #a3312b; }
.card.closed { border-inline-start-color: #6a4c93; }
.card header { font: 15px/1.5 "DejaVu Sans", Verdana, sans-serif; }
.state { font: 14px/1.5 "DejaVu Sans", Verdana, sans-serif; font-weight: bold; margin: .3rem 0; }
.words { white-space: pre-wrap; margin: .6rem 0; }
.card img { max-width: 100%; height: auto; display: block; border: 1px solid #ddd; }
figure { margin: .6rem 0; } figcaption { font-size: .8rem; color: #555; }
mark { background: #fff1b8; } mark a { color: inherit; }
del { color: #a3312b; } ins { color: #2c7a4b; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .8rem; margin: .4rem 0; } dd { margin: 0; }
table { border-collapse: collapse; } td, th { border: 1px solid #ccc; padding: .1rem .4rem; text-align: start; vertical-align: top; }
section.citation { margin: 1.4rem 0; }
"""
