"""What a person or program can do with linkshot, one module per noun; every front end calls these."""
