"""ipywidgets over the views: they hold no logic that a script could want."""

from testkey_nb.views.view_widget import ViewWidget
from testkey_nb.widgets.board import Board
from testkey_nb.widgets.key_form import KeyForm
from testkey_nb.widgets.protocol import SessionLike

__all__ = ["Board", "KeyForm", "SessionLike", "ViewWidget"]
