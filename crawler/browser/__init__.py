"""Browser processes: found or installed, started, watched, replaced; and the download handler that uses them."""
