"""Every message by direction: what a client may send, what a server may answer or push."""

import msgspec

from server.protocol import accounts, desk, market, risk, session, systemic, trading

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
    | desk.DeskWatch
    | desk.DeskOverview
    | desk.DeskStress
    | desk.DeskAccounts
    | desk.DeskCalls
    | desk.DeskPlans
    | desk.DeskPlan
    | desk.DeskUnsellable
    | desk.DeskStocks
    | desk.DeskTomorrow
    | desk.DeskHold
    | desk.DeskRelease
    | desk.DeskReduce
    | desk.DeskStop
    | desk.DeskPrice
    | desk.DeskPlatform
    | desk.DeskActions
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
    | desk.Overview
    | desk.Stress
    | desk.DeskAccountPage
    | desk.DeskCallList
    | desk.DeskPlanList
    | desk.UnsellableList
    | desk.StockList
    | desk.TomorrowList
    | desk.DeskDone
    | desk.DeskActionList
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
    | desk.Overview
    | desk.Stress
    | desk.DeskAccountPage
    | desk.DeskCallList
    | desk.DeskPlanList
    | desk.UnsellableList
    | desk.StockList
    | desk.TomorrowList
    | desk.DeskActionList
)


class Frame(msgspec.Struct, tag="frame"):
    """One WebSocket message from the server: everything since the last one, in order.

    `seq` is the newest journal sequence the frame covers; give it to `resume`.
    """

    seq: int
    items: list[Reply | Push]
