"""What Scrapy runs around the spiders: recording, checking and writing.

Belongs here: download handler, middlewares, item pipelines and extensions, one module each, named in `archiver.settings` by
dotted path. They import `archiver` and Scrapy, never `spiders`; they meet spiders in `request.meta`.
"""
