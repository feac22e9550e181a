"""What can go wrong, named by what the caller must do about it."""


class EmbeddingError(Exception):
    """Root of this package's errors. `str(error)` is one line: "message; remedy"."""

    def __init__(self, message: str, remedy: str) -> None:
        # Both go to Exception: an error that takes two arguments and hands one on cannot be
        # unpickled when it comes back from a worker process.
        super().__init__(message, remedy)
        self.message = " ".join(message.split())
        self.remedy = " ".join(remedy.split())

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}"


class ModelNotFoundError(EmbeddingError):
    """No model of that name on this machine or endpoint: name another, or install it."""


class ModelDamagedError(EmbeddingError):
    """The model's files are there and cannot be read: reinstall them."""


class ModelUnsuitableError(EmbeddingError):
    """The model is of another kind than the one needed: name another."""


class ModelFailedError(EmbeddingError):
    """The model broke off at its work: use another, or go on without it."""


class EndpointUnavailableError(EmbeddingError):
    """The endpoint did not answer, or asked us to wait: try again later."""


class CredentialsRejectedError(EmbeddingError):
    """The endpoint refused the key: set another."""


class EndpointReplyError(EmbeddingError):
    """The endpoint answered with something that is not one vector per text: use another."""


class IndexMismatchError(EmbeddingError):
    """The index was made with another model, or by another version of this program: rebuild it, or go back
    to that model or version."""


class IndexDamagedError(EmbeddingError):
    """The index's files are missing or altered: rebuild it."""


class IndexUnavailableError(EmbeddingError):
    """The server that holds the index does not answer, or not as it should: try again later."""


class CacheUnwritableError(EmbeddingError):
    """The cache cannot be written: make room or choose another place."""


class CacheDamagedError(EmbeddingError):
    """The vector cache cannot be read: delete it, it will be made again."""
