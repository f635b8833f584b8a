"""Latent trajectory guidance: tracks to cells, and the edit of the condition that Wan-Move reads."""
