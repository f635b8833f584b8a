"""Prompts and pictures as the diffusion network reads them."""
