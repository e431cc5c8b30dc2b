"""Every message by direction: what a client may send, what a server may answer or push."""

import msgspec

from server.protocol import accounts, desk, desk_acts, market, risk, session, systemic, trading

DeskRequest = desk.DeskQuestion | desk_acts.ActRequest
"""Of risk officers alone."""

DeskTold = desk.DeskPicture | desk_acts.DeskActionList
"""Answered to those, and pushed to whoever watches."""

Request = (
    session.Login
    | session.Resume
    | session.Subscribe
    | session.Unsubscribe
    | session.Ping
    | market.GetInstruments
    | market.GetBars
    | trading.PlaceOrder
    | trading.CancelOrder
    | trading.CancelAll
    | trading.WhatIf
    | trading.GetOrders
    | trading.GetFills
    | accounts.GetProducts
    | accounts.OpenContract
    | accounts.CloseContract
    | accounts.Deposit
    | accounts.Withdraw
    | accounts.Repay
    | accounts.Draw
    | accounts.Extend
    | accounts.PayRights
    | accounts.Transfer
    | accounts.AckNotice
    | accounts.GetNotices
    | accounts.GetStatements
    | risk.WhatIfAccount
    | risk.GetPlan
    | risk.GetTomorrow
    | risk.SetSellLast
    | DeskRequest
)

Reply = (
    session.Welcome
    | session.Ok
    | session.Failed
    | session.Pong
    | market.Instruments
    | market.Bars
    | trading.Placed
    | trading.WhatIfResult
    | trading.Orders
    | trading.Fills
    | accounts.Products
    | accounts.Done
    | accounts.Notices
    | accounts.Statements
    | risk.AccountForecast
    | risk.LiquidationPlan
    | risk.Tomorrow
    | DeskTold
    | desk_acts.DeskDone
)

Push = (
    session.Clock
    | session.Gap
    | market.Instruments
    | market.Quote
    | market.Depth
    | market.Bar
    | trading.Order
    | trading.Fill
    | trading.Position
    | accounts.Account
    | accounts.Notice
    | risk.LiquidationPlan
    | systemic.SystemicFigures
    | systemic.PlatformChanged
    | DeskTold
)


class Frame(msgspec.Struct, tag="frame"):
    """One WebSocket message from the server: everything since the last one, in order.

    `seq` is the newest journal sequence the frame covers; give it to `resume`.
    """

    seq: int
    items: list[Reply | Push]
