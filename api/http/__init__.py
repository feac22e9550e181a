"""HTTP: routes that translate between JSON and the chain."""

from api.http.app import create_app, create_bare_app
from api.http.service import Service, service_over

__all__ = ["Service", "create_app", "create_bare_app", "service_over"]
