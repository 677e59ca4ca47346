"""From a delivery to its acknowledgement: admission, scheduling per host, completion."""
