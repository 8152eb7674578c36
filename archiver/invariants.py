"""What must hold of a document beyond its schema; checked where it is made, before it can be written."""

from __future__ import annotations

from archiver.models import Article


def broken_invariants(article: Article) -> list[str]:
    """One sentence for each broken invariant; empty when the document may be written."""
    body, problems = article.article_body, []
    for number, paragraph in enumerate(article.paragraphs):
        if body[paragraph.start : paragraph.end] != paragraph.text:
            problems.append(f"paragraphs[{number}]: offsets do not give its text")
    for number, quotation in enumerate(article.quotations):
        if body[quotation.start : quotation.end] != quotation.exact:
            problems.append(f"quotations[{number}]: offsets do not give its text")
    if article.capture.warc_record_length <= 0:
        problems.append("capture: no address in a WARC")
    if not article.headline and not body:
        problems.append("neither headline nor body")
    for name in ("date_published", "date_modified"):
        if (getattr(article, name) is None) != (getattr(article, f"{name}_precision") is None):
            problems.append(f"{name}: a date and its precision come together")
    return problems
