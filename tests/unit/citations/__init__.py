"""Detection of cited posts: embeds in every markup, links, pictures, prose in five languages, matching."""
