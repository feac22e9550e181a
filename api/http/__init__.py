"""HTTP: routes that translate between JSON and the chain."""

from api.http.app import create_app
from api.http.service import Service

__all__ = ["Service", "create_app"]
