"""Commands that change no figure: what is put into the journal so that it can be shown later."""

import numpy as np

from server.engine import cash, day, records
from server.engine.access import event_at
from server.engine.codes import Event
from server.engine.jit import kernel
from server.engine.output import emit


@kernel
def record_notice(s, command):
    n = emit(s, Event.NOTICE_RECORDED, np.int64(command["account"]), -1)
    event = event_at(s, n, records.NOTICE_EVENT)
    event["notice_id"] = command["notice_id"]
    event["code"] = command["code"]
    event["stage"] = command["stage"]
    event["channel"] = command["channel"]


@kernel
def record_desk_action(s, command):
    n = emit(s, Event.DESK_RECORDED, np.int64(command["account"]), np.int64(command["instrument"]))
    event = event_at(s, n, records.DESK_EVENT)
    event["action_id"] = command["action_id"]
    event["until"] = command["until"]
    event["officer"] = command["officer"]
    event["action"] = command["action"]
    event["person"] = command["person"]


@kernel
def set_sell_last(s, command):
    """Evidence for the plans of forced sales, which are made outside."""
    account = np.int64(command["account"])
    index = np.int64(command["instrument"])
    if not cash.known_account(s, account) or not day.known_instrument(s, index):
        return
    n = emit(s, Event.SELL_LAST_SET, account, index)
    event_at(s, n, records.SELL_LAST_EVENT)["on"] = command["on"]
