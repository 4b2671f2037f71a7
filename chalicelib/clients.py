"""Clients of AWS: how long they wait, how often they try again, and what their failures become."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from jobhook.core.errors import Unavailable

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 5},
    tcp_keepalive=True,
)


@contextmanager
def unavailable_where_it_fails() -> Iterator[None]:
    """Turn what botocore raises into Unavailable, which names the operation and the code and nothing that was sent."""
    try:
        yield
    except ClientError as error:
        raise Unavailable(f"AWS did not carry out {error.operation_name} ({error_code(error)})") from None
    except BotoCoreError as error:
        raise Unavailable(f"AWS could not be asked ({type(error).__name__})") from None


def error_code(error: ClientError) -> str:
    """The code of an answer, such as `ThrottlingException`; the empty text where it has none."""
    return error.response.get("Error", {}).get("Code", "")
