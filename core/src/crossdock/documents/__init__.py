"""Documents for people who read no JSON: self-contained HTML pages from the templates of this package.

`page.render` fills a template, `page.write_page` files it. A new document is a template that extends
`base.html` and imports `parts.html` (tables, figures, bars).
"""
