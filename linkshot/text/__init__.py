"""Text as it is compared, indexed, diffed and shown: normal forms, tokens, snippets. Pure."""
