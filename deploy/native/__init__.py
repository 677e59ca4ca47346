"""How do the four real servers start on one machine without Docker?"""
