"""Refusals by the platform's limits, stops and state (sections 4.6, 7.5)."""

from typing import Final

from server.protocol.sentence import Sentence

PLATFORM_SENTENCES: Final[dict[str, Sentence]] = {
    "unknown_person": Sentence(
        "没有这个客户，请用客户列表中的编号",
        "There is no such person; use a number from the list of people",
    ),
    "stopped_account": Sentence(
        "账户已被风控停止，解除后可以委托",
        "The risk desk has stopped the account; orders pass when the stop is lifted",
    ),
    "stopped_person": Sentence(
        "客户的所有账户已被风控停止，解除后可以委托",
        "The risk desk has stopped all accounts of the person; orders pass when that is lifted",
    ),
    "stopped_instrument": Sentence(
        "该证券已被风控停止，解除后可以委托",
        "The risk desk has stopped the instrument; orders pass when the stop is lifted",
    ),
    "no_new_financing": Sentence(
        "平台暂停新增融资，恢复正常后可以申请",
        "The platform gives no new financing now; it passes when the platform is back to normal",
    ),
    "reduce_only": Sentence(
        "平台只接受卖出，恢复后可以买入",
        "The platform takes only sales now; buying passes when the platform is back",
    ),
    "halted": Sentence(
        "平台已暂停交易，可以撤单，恢复后可以委托",
        "The platform is halted; cancels pass now, orders when it is back",
    ),
    "concentration_tier": Sentence(
        "按目前的维持担保比例，超过单只证券的集中度上限，最多可买 {figure}",
        "Above the cap on one holding at this margin ratio; the most that passes is {figure}",
        "quantity",
    ),
    "board_concentration": Sentence(
        "按目前的维持担保比例，超过该板块的集中度上限，最多可买 {figure}",
        "Above the cap on this board at this margin ratio; the most that passes is {figure}",
        "quantity",
    ),
    "financing_full": Sentence(
        "该证券的融资占流通股本已达上限，今日不再融资买入；平台减少 {figure} 后下一交易日恢复",
        "Financing of this stock has reached its share of the float; it passes again from the next"
        " session once {figure} fewer are financed",
        "quantity",
    ),
    "stock_cap": Sentence(
        "超过平台对单只证券的融资上限，最多可买 {figure}",
        "Above the platform's cap on this stock; the most that passes is {figure}",
        "quantity",
    ),
    "person_stock_cap": Sentence(
        "超过一人在单只证券上的融资上限（所有合约合计），最多可买 {figure}",
        "Above the cap on one person in this stock, over all contracts; at most {figure} pass",
        "quantity",
    ),
    "client_lending_cap": Sentence(
        "超过出借方对一人的上限（所有合约合计），最多 {figure}",
        "Above what the lender gives one person over all contracts; at most {figure} passes",
        "money",
    ),
    "lending_cap": Sentence(
        "超过出借方的总额上限，最多 {figure}",
        "Above all that the lender gives; at most {figure} passes",
        "money",
    ),
    "not_quarantined": Sentence(
        "该证券没有待确认的价格", "No price of the instrument waits for a decision"
    ),
}
