"""Pictures and videos: files, overlays, and the preview that needs no model."""
