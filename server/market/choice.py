"""The market that the config asks for."""

from pathlib import Path

from server.config import MarketConfig
from server.market.agents.settings import AgentsSettings, parse_shock
from server.market.agents.source import AgentsSource
from server.market.calendar import TradingCalendar
from server.market.replay.settings import ReplaySettings
from server.market.replay.source import ReplaySource
from server.market.rules.rules import Rules
from server.market.source import MarketSource
from server.market.universe import load_universe


def choose_market(config: MarketConfig, calendar: TradingCalendar, rules: Rules) -> MarketSource:
    """Raises ValueError for a symbol that is not in the universe, and what the sources raise."""
    known = load_universe()
    if config.kind == "replay":
        return ReplaySource(_replay(config, calendar), known, calendar, rules)
    missing = [symbol for symbol in config.instruments if symbol not in known]
    if missing:
        raise ValueError(f"market.instruments: {', '.join(missing)} is not in the universe")
    entries = [known[symbol] for symbol in config.instruments or known]
    return AgentsSource(_agents(config), entries, calendar, rules)


def _agents(config: MarketConfig) -> AgentsSettings:
    return AgentsSettings(
        start_date=config.start_day,
        seed=config.seed,
        activity=config.activity,
        volatility=config.volatility,
        history_days=config.history_days,
        shocks=tuple(parse_shock(text) for text in config.shocks),
        company_events=config.company_events and not config.instruments,
    )


def _replay(config: MarketConfig, calendar: TradingCalendar) -> ReplaySettings:
    return ReplaySettings(
        path=Path(config.path).expanduser(),
        actions=Path(config.actions).expanduser() if config.actions else None,
        listings=Path(config.listings).expanduser() if config.listings else None,
        index=Path(config.index).expanduser() if config.index else None,
        index_symbol=config.index_symbol,
        first=config.first_day or calendar.first_session,
        last=config.last_day or calendar.last_session,
        seed=config.seed,
        steps_a_day=config.steps_a_day,
        participation_ppm=config.participation_ppm,
        depth_ppm=config.depth_ppm,
        after_hours_ppm=config.after_hours_ppm,
        history_days=config.history_days,
        symbols=tuple(config.instruments),
    )
