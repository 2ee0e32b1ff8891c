"""What a server's refusal means and what to do about it."""

import http

from calibrant.engines.server_settings import Server
from calibrant.errors import CalibrantError

# Too busy, too slow, or broken for a moment; 52x and 529 are how proxies and providers say so.
RETRIED = frozenset({408, 429, 500, 502, 503, 504, *range(520, 530)})
_QUOTED = 200  # characters


def quote(text: str, key: str | None) -> str:
    """Return `` (the server says: ...)`` with the beginning of ``text``, or nothing.

    Some servers repeat the key they were sent. It is cut out here, so that it reaches no message.

    Args:
        text: Body of the reply.
        key: The key that was sent; None without one.
    """
    if key is not None:
        text = text.replace(key, "(key)")
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    shown = f"{text[:_QUOTED]}..." if len(text) > _QUOTED else text
    return f" (the server says: {shown})" if shown else ""


def refusal(status: int, url: str, said: str, settings: Server) -> CalibrantError:
    """Return the error for a status after which asking again is of no use.

    Args:
        status: HTTP status.
        url: Whole address that was asked.
        said: What the server said, from ``quote``.
        settings: Names the model and the variable of the key.
    """
    if status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
        # Not quoted: the reply may hold a part of the key.
        variable = settings.key_variable
        return CalibrantError(
            f"the server refuses {'the key' if variable else 'a request without key'} "
            f"(status {status})",
            where=url,
            repair=f"Put a valid key into the environment variable {variable}"
            if variable
            else "Name the environment variable that holds the key in key_variable",
        )
    if status == http.HTTPStatus.NOT_FOUND:
        return CalibrantError(
            f"the server knows no model {settings.model!r}, or not this address (status 404){said}",
            where=url,
            repair="Check model and address; scoring prompt_logprobs needs a vLLM server",
        )
    return CalibrantError(
        f"the server refuses the request (status {status}){said}",
        where=url,
        repair="Check that server and model offer what is asked",
    )
