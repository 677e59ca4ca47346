"""Which spiders are there? One."""
