"""Name and password, and why a login was refused."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from honghe_tui.connection import Credentials
from honghe_tui.intents import LogIn
from honghe_tui.mirror import Dirty
from honghe_tui.screens.chrome import banner_of
from honghe_tui.terminal import Terminal
from honghe_tui.text import clean


class LoginScreen(ModalScreen[None]):
    """Goes away by itself once the connection is live."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.quit", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self._name = Input(terminal.config.username, id="username")
        self._password = Input(password=True, id="password")
        self._state = Label(id="login-state")
        self._said = ""
        self._composed = False

    def compose(self) -> ComposeResult:
        text = self.terminal.text
        with Vertical(id="login", classes="box"):
            yield Label(Content(text("screen.login.title")), classes="box-title")
            yield Label(Content(text("screen.login.username")), classes="field-name")
            yield self._name
            yield Label(Content(text("screen.login.password")), classes="field-name")
            yield self._password
            yield self._state
            yield Label(Content(text("screen.login.hint")), classes="hint")

    def on_mount(self) -> None:
        self._composed = True
        (self._password if self._name.value else self._name).focus()

    @on(Input.Submitted, "#username")
    def _to_password(self) -> None:
        self._password.focus()

    @on(Input.Submitted, "#password")
    def _submit(self) -> None:
        name = self._name.value.strip()
        if name and self._password.value:
            self.post_message(LogIn(Credentials(name, self._password.value)))

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        """Shows how far the login is; a refusal empties the password."""
        if not self._composed:
            return
        state = self.terminal.connection.state
        if state.kind in {"live", "stale"} and self.is_current:
            self.dismiss()
            return
        said = banner_of(self.terminal)
        if state.failed is not None:
            pick = self.terminal.look.catalogue.pick
            said = clean(pick(state.failed.message_zh, state.failed.message_en))
        if said != self._said:
            self._said = said
            self._state.update(Content(said))
            self._state.set_class(state.kind == "rejected", "-refused")
            if state.kind == "rejected":
                self._password.value = ""
                self._password.focus()
