"""Builds `page.html`: one file without scripts, with style sheets, images and fonts inline."""
