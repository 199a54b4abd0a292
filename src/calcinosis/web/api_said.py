"""The call that proposes facts for what a report says; nothing is taken before it is confirmed."""

from __future__ import annotations

from typing import Final

from calcinosis.web.api_call import Call

CALLS: Final[tuple[Call, ...]] = ()
