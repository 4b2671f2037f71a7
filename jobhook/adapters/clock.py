"""The system's clock."""

import time


class SystemClock:
    """The `Clock` port."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000
