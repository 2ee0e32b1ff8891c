"""One download over HTTP, with errors a person can act on."""

from pathlib import Path

from calibrant.errors import CalibrantError

_TIMEOUT = 60  # seconds without a byte
_BLOCK = 1 << 16
_MIRROR = "set CALIBRANT_MIRROR to a folder that holds the file"


def download(address: str, target: Path, name: str) -> None:
    """Download ``address`` to ``target``, which the caller checks and renames.

    Args:
        address: An HTTP address.
        target: Where the bytes go.
        name: Name of the file in errors.

    Raises:
        CalibrantError: If the server cannot be reached, does not have the file, or stops half-way;
            names the address and the file.
    """
    import requests
    from pooch import HTTPDownloader

    try:
        # Pooch's downloader alone: its cache and its log would only double ours.
        HTTPDownloader(timeout=_TIMEOUT, chunk_size=_BLOCK)(address, str(target), None)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else None
        raise _http_error(status, address, name) from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise CalibrantError(
            f"the download of {name} is cut: the connection broke off",
            where=address,
            repair=f"Run again; if it stays so, {_MIRROR}",
        ) from error
    except requests.RequestException as error:
        raise CalibrantError(
            f"cannot download {name}: no answer ({type(error).__name__})",
            where=address,
            repair=f"Check the network, or {_MIRROR}",
        ) from error


def _http_error(status: int | None, address: str, name: str) -> CalibrantError:
    if status in (404, 410):
        what = f"{name} is not there any more (HTTP {status})"
        return CalibrantError(what, where=address, repair=f"If you have a copy, {_MIRROR}")
    return CalibrantError(
        f"the server does not give {name} (HTTP {status})",
        where=address,
        repair=f"Try again later, or {_MIRROR}",
    )
