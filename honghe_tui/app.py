"""The client's app: one connection, one mirror, one frame timer, the pages."""

import os
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import on
from textual.binding import Binding, BindingType
from textual.theme import Theme

from honghe_tui import intents
from honghe_tui.commands import Commands
from honghe_tui.config import ClientConfig, read_config
from honghe_tui.connection import Connection, Credentials
from honghe_tui.frame import FramePump
from honghe_tui.handlers import IntentHandlers
from honghe_tui.i18n import Catalogue, Language
from honghe_tui.link_state import Refused, Unanswered
from honghe_tui.mirror import Dirty, Mirror
from honghe_tui.pages import OFFICER_PAGES, page_screen
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.login import LoginScreen
from honghe_tui.screens.plan_screen import PlanScreen
from honghe_tui.screens.popups import NoticePopup, Question, newest_of_accounts, pops_up
from honghe_tui.starting import DRAWN_FRAMES, hold_collection, release_collection
from honghe_tui.terminal import Terminal
from honghe_tui.text import price, quantity
from honghe_tui.themes import GLYPHS, PALETTES, Palette
from honghe_tui.watching import Wants, Watcher
from honghe_tui.widgets.look import Look
from server.protocol.accounts import Notice
from server.protocol.session import Welcome
from server.protocol.settings import find_config
from server.protocol.systemic import PlatformChanged
from server.protocol.trading import Fill

TOLD_AT_ONCE = 3
THEME = "honghe"


class HongheApp(IntentHandlers):
    """The trading terminal. Without `credentials` it asks for them."""

    TITLE = "Honghe 红河"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{n},f{n}", f"page('{page}')", show=False)
            for n, page in enumerate(OFFICER_PAGES, 1)
        ),
        Binding("question_mark", "page('help')", show=False),
        Binding("ctrl+r", "reconnect", show=False),
        Binding("ctrl+e", "export", show=False),
        Binding("q,ctrl+c", "leave", show=False),
    ]

    def __init__(self, terminal: Terminal, credentials: Credentials | None = None) -> None:
        super().__init__(terminal)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
        self.credentials = credentials
        connection, mirror = terminal.connection, terminal.mirror
        self.pump = FramePump(mirror, lambda: self.screen_stack, connection.clock)
        self.watcher = Watcher(connection, mirror)
        self._pages: dict[str, TradeScreen] = {}
        self._loaded_for: Welcome | None = None

    # Start and end

    def on_mount(self) -> None:
        """The quotes are painted first, before there is a connection."""
        self.register_theme(theme_of(self.terminal.look.palette))
        self.theme = THEME
        self.set_class(self.terminal.look.ascii, "-ascii")
        self.push_screen(self._page("quotes"))
        self.run_worker(self.terminal.connection.run(), group="session")
        if self.credentials is not None:
            self.terminal.connection.login(self.credentials)
        else:
            self.push_screen(LoginScreen(self.terminal))
        self.set_interval(1 / self.terminal.config.frames_per_second, self.draw_frame)

    def action_leave(self) -> None:
        self.run_worker(self._leave(), group="question")

    async def _leave(self) -> None:
        """An order without an answer is worth a question; anything else ends at once."""
        unanswered = self.terminal.connection.pending.unanswered_orders
        sentence = self.terminal.text("app.ask.leave", count=unanswered)
        if not unanswered or await self.push_screen_wait(Question(sentence)):
            self.exit(0)

    # Pages

    def _page(self, page: str) -> TradeScreen:
        """The screen of a page, made when it is first opened and kept."""
        if page not in self._pages:
            self._pages[page] = page_screen(page, self.terminal)
            self.install_screen(self._pages[page], page)  # pyright: ignore[reportUnknownMemberType]
        return self._pages[page]

    @property
    def page(self) -> TradeScreen | None:
        """The page in sight, under whatever stands over it."""
        pages = (screen for screen in self.screen_stack[::-1] if isinstance(screen, TradeScreen))
        return next(pages, None)

    async def action_page(self, page: str) -> None:
        if page not in self.terminal.pages:
            return
        if self.page is self.screen and self.screen is not self._page(page):
            await self.switch_screen(page)  # pyright: ignore[reportUnknownMemberType]

    async def action_turn(self, step: int) -> None:
        """The next page by number."""
        if self.page is not None:
            pages = self.terminal.pages
            place = pages.index(self.page.page) + step if self.page.page in pages else 0
            await self.action_page(pages[place % len(pages)])

    @on(intents.ShowPage)
    async def show_page(self, message: intents.ShowPage) -> None:
        await self.action_page(message.page)

    @on(intents.ShowInstrument)
    async def show_instrument(self, message: intents.ShowInstrument) -> None:
        self.terminal.selected = message.symbol
        await self.action_page("detail")

    def action_export(self) -> None:
        """The list that has the keys, or the page's first one, as a file."""
        page = self.page
        if page is None or page is not self.screen:
            return
        lists = [table for table in page.lists() if table.display]
        lists.sort(key=lambda table: not table.has_focus)
        if lists:
            self.export(lists[0], page.page)

    # The session

    @on(intents.LogIn)
    def log_in(self, message: intents.LogIn) -> None:
        self.terminal.connection.login(message.credentials)

    def action_reconnect(self) -> None:
        self.terminal.connection.hurry()

    async def _load(self, welcome: Welcome) -> None:
        """What is not pushed; asked again with the next frame when nobody answered."""
        try:
            await self.terminal.commands.load(
                instruments=not (welcome.resumed and self.terminal.mirror.instruments)
            )
        except Unanswered:
            self._loaded_for = None
        except Refused as refused:
            self.tell(self.sentence_of(refused), "error")

    # The frame

    def draw_frame(self) -> None:
        """Draws what changed, and does what follows from it."""
        dirty = self.pump.tick()
        state, welcome = self.terminal.connection.state, self.terminal.mirror.welcome
        asked = any(isinstance(screen, LoginScreen) for screen in self.screen_stack)
        if state.kind == "rejected" and not asked:
            self.push_screen(LoginScreen(self.terminal))
        if state.kind == "live" and welcome is not None:
            if welcome is not self._loaded_for or dirty.gap:
                self._loaded_for = welcome
                self.watcher.forget_series()
                self.run_worker(self._load(welcome))
            self._follow()
        self._pop_up(dirty)
        self._tell_fills(dirty.news)
        self._tell_platform(dirty.platform)
        for screen in self.screen_stack:
            if isinstance(screen, PlanScreen):
                screen.show_newest(dirty.plans)
        if self.pump.frames == DRAWN_FRAMES:
            release_collection()

    def _follow(self) -> None:
        wants = self.page.wants() if self.page is not None else Wants()
        for topic in self.watcher.follow(wants):
            self.run_worker(self.attempt(self.terminal.commands.bars(topic)))

    def _pop_up(self, dirty: Dirty) -> None:
        """What a login finds comes as one summary, what happens afterwards by account."""
        unread = self.terminal.mirror.unread
        if dirty.greeted:
            severe = [notice for notice in unread if pops_up(notice)]
            if severe:
                worst = max(severe, key=lambda notice: (notice.severity, notice.notice_id))
                self._show_popup([worst], summary=True)
            return
        news = [n for n in unread if n.notice_id in dirty.new_notices and pops_up(n)]
        if news:
            self._show_popup(newest_of_accounts(news), summary=False)

    def _show_popup(self, notices: list[Notice], *, summary: bool) -> None:
        if self.terminal.config.bell:
            self.bell()
        for screen in self.screen_stack:
            if isinstance(screen, NoticePopup):
                screen.add(notices)
                return
        popup = NoticePopup(self.terminal, notices, summary=summary)
        self.push_screen(popup, self._leave_popup)

    async def _leave_popup(self, page: str | None) -> None:
        if page:
            await self.action_page(page)

    def _tell_platform(self, changed: PlatformChanged | None) -> None:
        """What the broker takes from now on, and why."""
        if changed is None:
            return
        look = self.terminal.look
        why = look.catalogue.pick(changed.reason_zh, changed.reason_en)
        state = look.word("platform_state", changed.state)
        severity = "information" if changed.state == "normal" else "error"
        self.tell(self.terminal.text("app.told.platform", state=state, why=why), severity)

    def _tell_fills(self, fills: list[Fill]) -> None:
        """Those of orders given here: what others trade on the account stands in its lists."""
        own = [fill for fill in fills if self._is_own(fill)]
        for fill in own[-TOLD_AT_ONCE:]:
            self.tell(self._fill_words(fill))

    def _is_own(self, fill: Fill) -> bool:
        order = self.terminal.mirror.orders.get(fill.order_id)
        return order is not None and self.terminal.commands.gave(order.client_order_id)

    def _fill_words(self, fill: Fill) -> str:
        terminal = self.terminal
        return terminal.text(
            "app.told.filled",
            side=terminal.look.word("side", fill.side),
            name=terminal.name_of(fill.symbol),
            quantity=quantity(fill.quantity),
            price=price(fill.price, terminal.tick_of(fill.symbol)),
        )


def theme_of(palette: Palette) -> Theme:
    """The palette as Textual's theme."""
    return Theme(
        name=THEME,
        primary=palette.accent,
        accent=palette.accent,
        foreground=palette.text,
        background=palette.surface,
        surface=palette.surface,
        panel=palette.panel,
        warning=palette.warning,
        error=palette.error,
        success=palette.accent,
    )


def build(config: ClientConfig, credentials: Credentials | None) -> HongheApp:
    """The app and everything it stands on; nothing is connected before it runs."""
    look = Look(Catalogue(config.language), PALETTES[config.palette], GLYPHS[config.glyphs])
    mirror = Mirror()
    connection = Connection(config.server, mirror.apply, language=config.language)
    terminal = Terminal(config, look, mirror, connection, Commands(connection))
    return HongheApp(terminal, credentials)


def run(
    url: str,
    username: str,
    password: str,
    language: Language | None = None,
    config: str | None = None,
) -> int:
    """Opens the terminal on a server, logged in; returns the exit code.

    Raises ConfigError for a setting that will not do. An empty password asks for one.
    """
    hold_collection()
    read = read_config(find_config(config, os.environ, Path.cwd()))
    settings = msgspec.structs.replace(
        read, server=url, username=username, language=language or read.language
    )
    credentials = Credentials(username, password) if username and password else None
    return build(settings, credentials).run() or 0
