"""Rights to new shares over a real socket: shown, paid for, refused, lapsed."""

from pathlib import Path

from server.engine import building, building_actions
from server.engine.building import ALL
from server.engine.codes import MarkPolicy, Phase, Side
from server.engine.terms import ActionTerms
from server.protocol.accounts import Done, PayRights
from server.protocol.trading import PlaceOrder, Position
from tests.gateway.client import Client, client
from tests.gateway.house import DATE, DAY, SYMBOLS, YUAN, House, house

SYMBOL = SYMBOLS[0]
ACTION = ActionTerms(
    1, rights_ppb=300_000_000, rights_price=8 * YUAN, reference=9_5400, rights_until=DATE + 5
)


async def ex_date(server: House) -> None:
    """The next day begins with three rights for ten shares of the first instrument."""
    await server.do(building.day_close())
    await server.do(
        building.concat(
            [
                building.day_open(DATE + 1, MarkPolicy.LAST_TRADE),
                building_actions.corporate_action(0, ACTION),
                building.instrument_day(0, DAY._replace(reference=9_5400)),
                building.instrument_day(1, DAY),
                building.ladders(),
                building.phase(ALL, Phase.CONTINUOUS),
            ]
        )
    )


async def holder(server: House, trader: Client, quantity: int) -> int:
    _, account = await server.person("anna")
    await server.quote(Side.SELL, fen=1_000, quantity=quantity)
    await trader.login("anna")
    await trader.ask(
        PlaceOrder(0, account, SYMBOL, "buy", "limit", quantity, "buy", price=10 * YUAN)
    )
    return account


async def test_rights_are_shown_paid_for_and_refused_with_what_is_left(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        account = await holder(server, trader, 1_000)
        await ex_date(server)
        held = await trader.wait(Position, lambda each: each.rights > 0)
        assert (held.rights, held.rights_price) == (300, 8 * YUAN)

        too_many = await trader.ask(PayRights(0, account, SYMBOL, 400, "p1"))
        assert (too_many.code, too_many.figure) == ("rights_exceeded", 300)
        done = await trader.ask(PayRights(0, account, SYMBOL, 200, "p2"))
        assert isinstance(done, Done)
        again = await trader.ask(PayRights(0, account, SYMBOL, 200, "p2"))
        assert again.duplicate
        paid = await trader.wait(Position, lambda each: each.rights == 100)
        assert paid.quantity == 1_200


async def test_what_is_not_paid_for_lapses(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        account = await holder(server, trader, 1_000)
        await ex_date(server)
        await trader.wait(Position, lambda each: each.rights == 300)
        await server.do(building_actions.rights_lapse(0, 1))
        lapsed = await trader.wait(Position, lambda each: each.rights == 0)
        assert lapsed.quantity == 1_000
        late = await trader.ask(PayRights(0, account, SYMBOL, 100, "late"))
        assert (late.code, late.figure) == ("rights_exceeded", 0)
