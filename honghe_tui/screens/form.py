"""An account form over the screen."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from honghe_tui.screens.account_form import AccountForm
from honghe_tui.screens.forms import FormKind
from honghe_tui.terminal import Terminal


class FormScreen(ModalScreen[None]):
    """The form's `Submitted` bubbles to the app, which sends it."""

    def __init__(self, terminal: Terminal, kind: FormKind, account: int) -> None:
        super().__init__(classes="modal")
        self.form = AccountForm(terminal, kind, account, id="form")

    def compose(self) -> ComposeResult:
        yield Vertical(self.form, id="form-box", classes="box")

    @on(AccountForm.Closed)
    def _close(self) -> None:
        self.dismiss()
