"""The engine of ComfyUI-WanMove: track documents, guidance, Wan models, sampling. Knows nothing of ComfyUI."""
