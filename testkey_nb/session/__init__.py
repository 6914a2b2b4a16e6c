"""What an analyst meets: the session, the keys it holds, the way from answers to tables."""

from testkey_nb.session.session import Session

__all__ = ["Session"]
