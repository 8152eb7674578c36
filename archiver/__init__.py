"""The archive of record for news and for the posts that news cites.

    from archiver import Archive
    for article in Archive("./archive").articles(source="example"): ...

This package is the domain: it imports neither Scrapy nor Twisted, and anyone may import it.
"""
