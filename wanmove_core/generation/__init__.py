"""From files and words to what the pipeline takes: networks, prompts, tracks. For whoever has no host that loads them."""
