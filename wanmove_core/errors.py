"""The errors that a user can cause, and nothing else.

Every message names the thing, its value, the limit and the way out. Interruptions are not errors: a host raises them as
``BaseException`` (``KeyboardInterrupt``, ComfyUI's ``InterruptProcessingException``) and no code here catches those.
"""


class WanMoveError(Exception):
    """Base of all errors that a user can mend; the CLI prints its text and exits with 2."""


class DocumentError(WanMoveError):
    """A track document cannot be read or asks for something impossible."""


class TrackError(WanMoveError):
    """Track positions or visibility have the wrong shape, length, type or values."""


class CheckpointError(WanMoveError):
    """A model file cannot be read, is not recognised or does not fit the model."""


class RequestError(WanMoveError):
    """A generation or rendering request has a value outside its limits."""


class MediaError(WanMoveError):
    """A picture or video file cannot be read or written."""
