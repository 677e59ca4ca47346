"""One visit inside the browser: navigate, wait, capture, under limits."""
