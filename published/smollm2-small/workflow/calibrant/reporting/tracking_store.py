"""Where published records go: the study's own MLflow database, or a server."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from calibrant.errors import CalibrantError

if TYPE_CHECKING:
    from mlflow import MlflowClient

SERVER_VARIABLE = "MLFLOW_TRACKING_URI"


def open_store(database: Path) -> "tuple[MlflowClient, str]":
    """Open the server that ``MLFLOW_TRACKING_URI`` names, or else an SQLite file.

    The file is made if it is not there, which takes some seconds. Only one process may do so.

    Args:
        database: The SQLite file, such as ``results/STUDY/mlflow.db``.

    Returns:
        A client, and the address as it may be printed (without a password).

    Raises:
        CalibrantError: If the address is not http or https, the server does not answer, or the
            file is not a database of this version of MLflow.
    """
    server = os.environ.get(SERVER_VARIABLE, "")
    address, shown = _checked_server(server) if server else (_sqlite(database), _sqlite(database))
    _silence()
    from alembic.util import CommandError
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    try:
        client = MlflowClient(tracking_uri=address, registry_uri=address)
        client.search_experiments(max_results=1)
    except (MlflowException, SQLAlchemyError, CommandError) as error:
        repair = (
            f"Start the server, or unset {SERVER_VARIABLE} to publish to {database}"
            if server
            else f"Delete {database}: it is made again from the records"
        )
        reason = (str(error) or repr(error)).replace(address, shown).splitlines()[0]
        raise CalibrantError(f"cannot be opened: {reason}", where=shown, repair=repair) from error
    return client, shown


def _sqlite(database: Path) -> str:
    return f"sqlite:///{database.absolute()}"


def _checked_server(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _not_a_server(str(error)) from error
    if parts.scheme not in ("http", "https") or not host:
        raise _not_a_server("it needs http:// or https:// and a host")
    address = address.rstrip("/")
    place = f"[{host}]" if ":" in host else host
    shown = urlunsplit(parts._replace(netloc=f"{place}:{port}" if port else place)).rstrip("/")
    return address, shown


def _not_a_server(reason: str) -> CalibrantError:
    # The value may hold a password and is not shown.
    return CalibrantError(
        f"is not the address of a server: {reason}",
        where=SERVER_VARIABLE,
        repair="Give the address of an MLflow server, or unset it to publish to a file",
    )


def _silence() -> None:
    """Keep MLflow from calling home and from telling about itself; errors are still raised."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    # Two lines for every run on a server, with the password if the address has one.
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    # MLflow's own seven retries take minutes to say that a server is not there.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    logging.getLogger("alembic").setLevel(logging.WARNING)
