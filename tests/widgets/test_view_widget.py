from __future__ import annotations

import json
import time
from datetime import timedelta

import pandas as pd

from testkey_nb import views
from testkey_nb.clock import utc_now
from testkey_nb.widgets import ViewWidget


def test_a_widget_carries_its_static_twin(frames: dict[str, pd.DataFrame]) -> None:
    widget = views.view("limits", frames).widget()
    bundle = widget._repr_mimebundle_()
    assert bundle["text/html"] == views.view("limits", frames)._repr_html_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    widget.close()


def test_a_widget_forgets_its_rows_when_their_time_is_up(frames: dict[str, pd.DataFrame]) -> None:
    one = views.view("limits", frames, expires_at=utc_now() + timedelta(seconds=0.05))
    widget = ViewWidget(one)
    deadline = time.monotonic() + 5
    while "prod" in widget.value and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "probe again" in widget.value
    assert "prod" not in json.dumps(widget.get_state(), default=str)
    widget.close()


def test_a_closed_widget_has_no_clock(frames: dict[str, pd.DataFrame]) -> None:
    widget = views.view("limits", frames, expires_at=utc_now() + timedelta(hours=1)).widget()
    widget.close()
    assert widget._timer is not None
    widget._timer.join(2)
    assert not widget._timer.is_alive()
