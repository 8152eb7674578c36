"""Scrapy spiders: from sources and URLs to requests, documents and refusals. What they decide with lives in `archiver`."""
