"""Makes `page.html`: one file without scripts, with its style sheets, pictures and fonts inside."""
