"""The sentences that say what is known of a post and of a citation. The command line says the same ones.

Belongs here: one sentence a value of the closed lists in `archiver.reasons` and `archiver.models.resolution`.
"""

from __future__ import annotations

VERDICTS = {
    "verbatim": "printed word for word",
    "near": "printed nearly word for word",
    "altered": "the printed words differ from the post",
    "paraphrase": "a candidate that was reworded; not shown to be the post",
    "contradicted": "the post says otherwise",
    "not_found": "no such post was found",
    "not_checked": "not compared",
}

CITATIONS = {
    "embedded": "The article embeds this post.",
    "linked": "The article links to this post.",
    "resolved_text": "The article only quotes this post; it was found by its words.",
    "ambiguous": "Several posts are equally near to the quoted words; none is taken to be the one.",
    "candidate_paraphrase": "A post was found that the quoted words may be a rewording of; it is not verified.",
    "unresolved": "No post was found that the quoted words come from.",
    "not_attempted": "Nobody has looked for this post yet.",
}

STATUSES = {
    "captured": ("here", "The post as it was captured."),
    "captured_partial": ("partial", "Only a part of the post was captured."),
    "deleted": ("gone", "The post was deleted."),
    "suspended": ("gone", "The account was suspended, and the post went with it."),
    "account_gone": ("gone", "The account no longer exists, and the post went with it."),
    "protected": ("closed", "The account shows its posts to followers only."),
    "age_gated": ("closed", "The network shows this post only to people who say that they are adults."),
    "withheld": ("closed", "The network withholds this post in some countries."),
    "not_found": ("gone", "The network knows no such post; it did not say why."),
    "unavailable": (
        "unknown",
        "The post could not be had, and no answer said why. That is no proof that it was deleted.",
    ),
    "login_wall": ("closed", "The network shows this post only after a login."),
    "not_attempted": ("unknown", "The network was not asked for this post."),
    "pending": (
        "unknown",
        "The network did not answer properly yet; it will be asked again. Nothing is known about the post.",
    ),
}
"""Post status -> (kind of its mark, sentence)."""

BASES = {
    "article-markup": "The words as the article's own markup shows them; they were not had from the network.",
    "third-party": "The words as a third party repeats them; they were not had from the network.",
    "oembed": "The words as the network's embed markup shows them; it may cut them.",
}

NAMES = {
    "x": "X",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "truthsocial": "Truth Social",
    "telegram": "Telegram",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "reddit": "Reddit",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "threads": "Threads",
    "linkedin": "LinkedIn",
}


def network_name(platform: str) -> str:
    """A network as people write it."""
    return NAMES.get(platform, platform)
