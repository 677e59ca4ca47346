"""The nouns of linkshot and the decisions about them: values, URLs, messages, schedules, formats of keys. Pure."""
