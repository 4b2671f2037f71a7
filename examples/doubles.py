"""Which webhooks came before: Jobhook delivers at least once, with the same execution id."""

import threading
from collections import OrderedDict

_REMEMBERED = 10_000


class Doubles:
    """Remembers the last executions of this process; a service of several keeps them where all can see them."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def is_double(self, execution_id: str) -> bool:
        """Whether it was asked for this execution before."""
        with self._lock:
            if execution_id in self._seen:
                return True
            self._seen[execution_id] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return False
